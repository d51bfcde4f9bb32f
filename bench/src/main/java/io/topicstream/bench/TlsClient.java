package io.topicstream.bench;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLException;

/// What the TLS connections of a run share: how they shake hands, and the buffers in which one after the other turns
/// records into plain bytes and back. Owned by the run's thread.
///
/// Every certificate is good enough, as the server is on this machine. Every connection makes a full handshake, as
/// those of different users do: no session is taken up again.
final class TlsClient {
    /// As much as a socket is asked for at once.
    private static final int IN_BYTES = 512 << 10;

    /// A record that waited, and what the engine has to say.
    private static final int OUT_BYTES = 64 << 10;

    private final SslContext context;
    /// Records that came.
    final ByteBuffer in = ByteBuffer.allocateDirect(IN_BYTES);
    /// Records that go.
    final ByteBuffer out = ByteBuffer.allocateDirect(OUT_BYTES);
    /// For what the handshake has instead of plain bytes: nothing.
    final ByteBuffer nothing = ByteBuffer.allocateDirect(OUT_BYTES);

    TlsClient() {
        try {
            context = SslContextBuilder.forClient()
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .endpointIdentificationAlgorithm("")
                    .build();
        } catch (SSLException e) {
            throw new LoadFailure("this JDK has no TLS: " + e.getMessage(), e);
        }
    }

    /// TLS over a socket that is not connected yet.
    LoadSocket over(LoadSocket plain) {
        return new TlsLoadSocket(plain, context.newEngine(UnpooledByteBufAllocator.DEFAULT), this);
    }
}
