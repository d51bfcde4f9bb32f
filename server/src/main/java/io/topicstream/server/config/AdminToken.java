package io.topicstream.server.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The token of a server's administrator: who can read this user's files may manage the server.
///
/// Made anew at each start and written to `{port}.token` in the run directory, for its owner alone. The file appears
/// whole or not at all, takes the place of one that a server left behind at the same port, and goes when the server
/// stops, unless another has put its own there meanwhile.
///
/// Thread-safe.
public final class AdminToken implements AutoCloseable {
    private static final int RANDOM_BYTES = 32;
    private static final String SUFFIX = ".token";
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    private static final Set<PosixFilePermission> OWNER_ONLY_DIRECTORY = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private final Path file;
    private final String token;

    private AdminToken(Path file, String token) {
        this.file = file;
        this.token = token;
    }

    /// Makes a token and writes it.
    ///
    /// @param directory the run directory, made if it is not there
    /// @param port that the server listens on
    /// @param random cryptographically strong
    /// @throws IOException if it cannot be written, or if others may write to the directory
    public static AdminToken write(Path directory, int port, RandomGenerator random) throws IOException {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        Files.createDirectories(directory, attributes(OWNER_ONLY_DIRECTORY));
        refuseWritableByOthers(directory);
        Path file = file(directory, port);
        Path draft = Files.createTempFile(directory, "." + port + "-", ".draft", attributes(OWNER_ONLY));
        try {
            Files.writeString(draft, token + "\n", StandardCharsets.US_ASCII, StandardOpenOption.WRITE);
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(draft);
        }
        return new AdminToken(file, token);
    }

    /// The token of the server that listens on the port, or null if none of this user's does.
    ///
    /// @param directories see [RunDirectory]
    /// @throws IOException if there is a file that cannot be read, or that others could have read or written
    public static @Nullable String read(List<Path> directories, int port) throws IOException {
        for (Path directory : directories) {
            Path file = file(directory, port);
            if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
                continue;
            }
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    || (isPosix() && !OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file)))) {
                throw new IOException(file + " is open to others than its owner; its token is not used");
            }
            try {
                return Files.readString(file, StandardCharsets.US_ASCII).strip();
            } catch (NoSuchFileException e) {
                // The server stopped just now; there may be one in the next directory.
            }
        }
        return null;
    }

    /// The ports of this user's servers, ascending, those of servers that died without a word included.
    public static List<Integer> ports(List<Path> directories) throws IOException {
        Set<Integer> ports = new TreeSet<>();
        for (Path directory : directories) {
            if (!Files.isDirectory(directory)) {
                continue;
            }
            try (var files = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
                for (Path file : files) {
                    String name = file.getFileName().toString();
                    String port = name.substring(0, name.length() - SUFFIX.length());
                    if (port.matches("[1-9][0-9]{0,4}")) {
                        ports.add(Integer.parseInt(port));
                    }
                }
            }
        }
        return new ArrayList<>(ports);
    }

    /// Whether it is this token; in a time that does not depend on how much of it is right.
    public boolean matches(String presented) {
        return MessageDigest.isEqual(
                token.getBytes(StandardCharsets.US_ASCII), presented.getBytes(StandardCharsets.UTF_8));
    }

    /// Where it lies.
    public Path file() {
        return file;
    }

    /// Removes the file, if it still has this token.
    @Override
    public void close() throws IOException {
        try {
            if (matches(Files.readString(file, StandardCharsets.ISO_8859_1).strip())) {
                Files.deleteIfExists(file);
            }
        } catch (NoSuchFileException e) {
            // Somebody tidied up before us.
            return;
        }
    }

    @Override
    public String toString() {
        return "AdminToken[" + file + "]";
    }

    private static Path file(Path directory, int port) {
        return directory.resolve(port + SUFFIX);
    }

    private static void refuseWritableByOthers(Path directory) throws IOException {
        if (!isPosix()) {
            return;
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
        if (permissions.contains(PosixFilePermission.GROUP_WRITE)
                || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException(directory + " can be written to by others than its owner; the administrator's token"
                    + " needs a directory of its own (server.run_dir)");
        }
    }

    private static FileAttribute<?>[] attributes(Set<PosixFilePermission> permissions) {
        return isPosix()
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(permissions)}
                : new FileAttribute<?>[0];
    }

    private static boolean isPosix() {
        return FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    }
}
