package io.topicstream.bench;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Base64;

/// A certificate for this machine, signed by its own key, and the key, as two files in PEM. The JDK's own tool makes
/// them, with the key that most servers have today, on the curve P-256. Closing it deletes the files.
///
/// @param folder of the two, and of nothing else
record LoopbackCertificate(Path folder) implements AutoCloseable {
    private static final String PASSWORD = "not-secret";
    private static final String ALIAS = "it";

    /// Makes one, in a folder of its own below `scratch`.
    static LoopbackCertificate make(Path scratch) {
        try {
            LoopbackCertificate made = new LoopbackCertificate(Files.createTempDirectory(scratch, "certificate-"));
            Path store = made.folder.resolve("store.p12");
            callKeytool(store);
            KeyStore keys = KeyStore.getInstance("PKCS12");
            try (InputStream in = Files.newInputStream(store)) {
                keys.load(in, PASSWORD.toCharArray());
            }
            Files.delete(store);
            write(made.certificate(), "CERTIFICATE", keys.getCertificate(ALIAS).getEncoded());
            write(
                    made.key(),
                    "PRIVATE KEY",
                    keys.getKey(ALIAS, PASSWORD.toCharArray()).getEncoded());
            return made;
        } catch (IOException | GeneralSecurityException e) {
            throw new LoadFailure("cannot make a certificate: " + e.getMessage(), e);
        }
    }

    private static void callKeytool(Path store) throws IOException {
        Path tool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        Process called = new ProcessBuilder(ServerProcess.words("\"" + tool + "\" -genkeypair -alias " + ALIAS
                        + " -keyalg EC -groupname secp256r1 -dname CN=localhost -validity 30"
                        + " -ext san=dns:localhost,ip:127.0.0.1 -storetype PKCS12 -storepass " + PASSWORD
                        + " -keystore \"" + store + '"'))
                .redirectErrorStream(true)
                .start();
        String said = new String(called.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            if (called.waitFor() != 0) {
                throw new LoadFailure("keytool: " + said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LoadFailure("interrupted", e);
        }
    }

    private static void write(Path file, String label, byte[] der) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        Files.writeString(file, "-----BEGIN " + label + "-----\n" + text + "\n-----END " + label + "-----\n");
    }

    Path certificate() {
        return folder.resolve("certificate.pem");
    }

    Path key() {
        return folder.resolve("key.pem");
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(certificate());
            Files.deleteIfExists(key());
            Files.delete(folder);
        } catch (IOException e) {
            throw new LoadFailure("cannot delete " + folder, e);
        }
    }
}
