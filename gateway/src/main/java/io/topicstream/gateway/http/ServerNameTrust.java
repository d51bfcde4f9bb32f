package io.topicstream.gateway.http;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Trusts servers that show a certificate for one given name, whatever their address is. Chains are checked as
/// ever, against the certificate authorities that Java trusts.
final class ServerNameTrust extends X509ExtendedTrustManager {
    private static final int DNS_NAME = 2;

    private final X509TrustManager chains;
    private final String name;

    ServerNameTrust(X509TrustManager chains, String name) {
        this.chains = chains;
        this.name = name.toLowerCase(Locale.ROOT);
    }

    /// What a client of servers is to be made with.
    ///
    /// @param name that their certificates are to show, or null for those of their addresses
    /// @param authorities in place of those that Java trusts; null for these
    static SSLContext context(@Nullable String name, @Nullable KeyStore authorities) {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(authorities);
            TrustManager[] managers = factory.getTrustManagers();
            for (int i = 0; name != null && i < managers.length; i++) {
                if (managers[i] instanceof X509TrustManager chains) {
                    managers[i] = new ServerNameTrust(chains, name);
                }
            }
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS is not to be had.", e);
        }
    }

    /// The name goes into the handshake too, where the address is a number; otherwise the client names the address.
    static SSLParameters parameters(String name) {
        SSLParameters parameters = new SSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(name)));
        return parameters;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        chains.checkServerTrusted(chain, authType);
        Collection<List<?>> names = chain[0].getSubjectAlternativeNames();
        if (names != null) {
            for (List<?> entry : names) {
                if (entry.getFirst() instanceof Integer kind
                        && kind == DNS_NAME
                        && entry.get(1) instanceof String shown
                        && matches(shown.toLowerCase(Locale.ROOT))) {
                    return;
                }
            }
        }
        throw new CertificateException("The certificate is not for " + name + ".");
    }

    /// A star stands for the first label alone, as in RFC 9525.
    private boolean matches(String shown) {
        if (!shown.startsWith("*.")) {
            return shown.equals(name);
        }
        int dot = name.indexOf('.');
        return dot > 0 && shown.indexOf('.', 2) > 0 && name.substring(dot).equals(shown.substring(1));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("There are no clients here.");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return chains.getAcceptedIssuers();
    }
}
