package io.topicstream.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `topicstream users export`: writes all that a running server keeps of a user, by the administrator's
/// token. A file gets its name when the last line has come: one that has it is whole.
@Command(
        name = "export",
        description = "Write what is kept of a user, and all that the user has said: an object of JSON a line.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class)
final class ExportUserCommand implements Runnable {
    private final Surroundings surroundings;

    @Mixin
    private final Administration administration = new Administration();

    @Parameters(paramLabel = "USER", description = "The user's id; that of a guest begins with guest.")
    private String user = "";

    @Option(
            names = "--output",
            paramLabel = "FILE",
            description = "Write to a file that is not there yet, which nobody else may read.")
    private @Nullable Path output;

    ExportUserCommand(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        Path file = output;
        if (file == null) {
            Output out = surroundings.out();
            long _ = export((piece, length) -> {
                out.write(piece, 0, length);
                out.requireWritten();
            });
            return;
        }
        try {
            long messages = write(file.toAbsolutePath());
            surroundings
                    .out()
                    .println(TerminalText.safe(file + " has what is kept of " + user + ", with " + messages
                            + (messages == 1 ? " message." : " messages.")));
        } catch (FileAlreadyExistsException e) {
            throw new CommandFailure(ExitCodes.DATA, file + " is there already");
        } catch (IOException e) {
            throw new CommandFailure(ExitCodes.DATA, file + " cannot be written: " + e);
        }
    }

    private long write(Path file) throws IOException {
        if (Files.exists(file)) {
            throw new FileAlreadyExistsException(file.toString());
        }
        // Readable by its owner alone: so the system makes such files.
        Path draft = Files.createTempFile(file.getParent(), "." + file.getFileName(), ".part");
        draft.toFile().deleteOnExit();
        try {
            long messages;
            try (FileChannel channel = FileChannel.open(draft, StandardOpenOption.WRITE)) {
                OutputStream to = Channels.newOutputStream(channel);
                messages = export((piece, length) -> write(piece, length, to));
                channel.force(true);
            }
            var _ = Files.move(draft, file);
            return messages;
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private static void write(byte[] piece, int length, OutputStream to) {
        try {
            to.write(piece, 0, length);
        } catch (IOException e) {
            throw new CommandFailure(ExitCodes.DATA, "the output cannot be written: " + e.getMessage());
        }
    }

    /// Where pieces of the export go.
    @FunctionalInterface
    private interface Target {
        void write(byte[] piece, int length);
    }

    /// @return how many messages there are
    private long export(Target to) {
        String path = "/admin/users/" + Administration.encoded(user) + "/data";
        return administration.ask(surroundings, "GET", path, "", body -> {
            ExportedLines lines = new ExportedLines();
            try {
                byte[] buffer = new byte[16 * 1024];
                for (int length = body.read(buffer); length >= 0; length = body.read(buffer)) {
                    lines.take(buffer, length);
                    to.write(buffer, length);
                }
            } catch (IOException e) {
                throw cutOff(e.getMessage());
            }
            if (!lines.isWhole()) {
                throw cutOff("its last line did not come");
            }
            return lines.messages();
        });
    }

    private static CommandFailure cutOff(@Nullable String why) {
        return new CommandFailure(ExitCodes.UNREACHABLE, "the export was cut off: " + why);
    }
}
