package io.topicstream.server.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.topicstream.http.StreamedAnswer;
import io.topicstream.transport.HttpStream;
import io.topicstream.transport.HttpStreamListener;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/// An answer in pieces at the network: who makes it waits while the socket takes no more. Its state
/// belongs to the event loop of its connection; pieces may come from any thread.
final class NettyPieces implements HttpStreamListener, StreamedAnswer.Pieces {
    private static final System.Logger LOG = System.getLogger(NettyPieces.class.getName());

    private final EventLoop loop;
    private final StreamedAnswer answer;
    private @Nullable HttpStream stream;
    private @Nullable CompletableFuture<Boolean> waiting;

    NettyPieces(EventLoop loop, StreamedAnswer answer) {
        this.loop = loop;
        this.answer = answer;
    }

    // ---- from who makes it

    @Override
    public CompletionStage<Boolean> write(byte[] piece) {
        CompletableFuture<Boolean> taken = new CompletableFuture<>();
        if (!onLoop(() -> onPiece(piece, taken))) {
            taken.complete(false);
        }
        return taken;
    }

    @Override
    public void end() {
        onLoop(() -> {
            if (stream != null) {
                stream.end();
            }
        });
    }

    @Override
    public void abort() {
        onLoop(() -> {
            if (stream != null) {
                stream.abort();
            }
        });
    }

    private boolean onLoop(Runnable task) {
        try {
            loop.execute(task);
            return true;
        } catch (RejectedExecutionException e) {
            // The loop has ended, and with it the connection.
            LOG.log(System.Logger.Level.DEBUG, "a piece came after the end of its event loop", e);
            return false;
        }
    }

    // ---- on the loop

    private void onPiece(byte[] piece, CompletableFuture<Boolean> taken) {
        HttpStream open = stream;
        if (open == null) {
            taken.complete(false);
            return;
        }
        open.write(Unpooled.wrappedBuffer(piece));
        open.flush();
        if (stream == null || open.isWritable()) {
            taken.complete(stream != null);
        } else {
            waiting = taken;
        }
    }

    @Override
    public void onOpen(HttpStream opened) {
        stream = opened;
        answer.onOpen(this);
    }

    @Override
    public void onWritable() {
        answerWaiting(true);
    }

    @Override
    public void onClosed() {
        stream = null;
        answerWaiting(false);
        answer.onClosed();
    }

    private void answerWaiting(boolean goesOn) {
        CompletableFuture<Boolean> taken = waiting;
        waiting = null;
        if (taken != null) {
            taken.complete(goesOn);
        }
    }
}
