package io.topicstream.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/// `topicstream chat` in this process, with somebody who types.
final class Talker implements AutoCloseable {
    private static final byte[] END = {};
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final BlockingQueue<byte[]> typed = new LinkedBlockingQueue<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();
    private int looked;

    /// Hands over what is typed, and waits where that is nothing.
    private final class Keyboard extends InputStream {
        private byte[] now = {};
        private int at;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            while (at == now.length) {
                try {
                    now = typed.take();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
                at = 0;
                if (now.length == 0) {
                    typed.add(END);
                    return -1;
                }
            }
            int count = Math.min(length, now.length - at);
            System.arraycopy(now, at, into, from, count);
            at += count;
            return count;
        }
    }

    private Talker(Terminal terminal, String... arguments) {
        Thread.ofPlatform().daemon().start(() -> exitCode.complete(terminal.run(new Keyboard(), out, err, arguments)));
    }

    /// Somebody who has entered the room.
    static Talker in(Terminal terminal, String user, String room, String... more) {
        String[] arguments = new String[more.length + 7];
        System.arraycopy(
                new String[] {"chat", "--user", user, "--name", capital(user), "--room", room}, 0, arguments, 0, 7);
        System.arraycopy(more, 0, arguments, 7, more.length);
        Talker talker = new Talker(terminal, arguments);
        talker.awaitLine("* you are in " + room);
        return talker;
    }

    private static String capital(String user) {
        return Character.toUpperCase(user.charAt(0)) + user.substring(1);
    }

    Talker type(String... lines) {
        for (String line : lines) {
            typed.add((line + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return this;
    }

    /// All lines that it has shown.
    List<String> lines() {
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    /// All lines that stand in front of no notice.
    List<String> said() {
        return lines().stream().filter(line -> !line.startsWith("*")).toList();
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /// Waits for a line that begins so, after the one that was waited for before.
    ///
    /// @return the line
    String awaitLine(String beginning) {
        await().atMost(PATIENCE).untilAsserted(() -> {
            assertThat(exitCode).as(() -> "ended: " + err()).isNotDone();
            assertThat(newLines()).as(() -> err()).anyMatch(line -> line.startsWith(beginning));
        });
        List<String> news = newLines();
        for (int i = 0; ; i++) {
            if (news.get(i).startsWith(beginning)) {
                looked += i + 1;
                return news.get(i);
            }
        }
    }

    private List<String> newLines() {
        List<String> all = lines();
        return all.subList(Math.min(looked, all.size()), all.size());
    }

    /// Waits until something was told that did not go well.
    void awaitTrouble(String part) {
        await().atMost(PATIENCE).until(() -> err().contains(part));
    }

    /// Nothing more is typed.
    ///
    /// @return the exit code
    int end() {
        typed.add(END);
        return exitCode();
    }

    int exitCode() {
        await().atMost(PATIENCE).until(exitCode::isDone);
        return exitCode.join();
    }

    @Override
    public void close() {
        typed.add(END);
    }
}
