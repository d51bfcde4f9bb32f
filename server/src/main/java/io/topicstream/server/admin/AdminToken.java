package io.topicstream.server.admin;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// The token of a server's administrator: who can read this user's files may manage the server.
///
/// Made anew at each start and written to the run directory, for its owner alone: to `{address}-{port}.token`,
/// which no other server has, and for people and scripts to `{port}.token`, which is the last one's where several
/// servers listen on one port of several addresses. A file appears whole or not at all, takes the place of one
/// that a server left behind, and goes when the server stops, unless another has put its own there meanwhile.
///
/// Thread-safe.
public final class AdminToken implements AutoCloseable {
    private static final int RANDOM_BYTES = 32;
    private static final String SUFFIX = ".token";
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    private static final Set<PosixFilePermission> OWNER_ONLY_DIRECTORY = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private final List<Path> files;
    private final String token;

    private AdminToken(List<Path> files, String token) {
        this.files = files;
        this.token = token;
    }

    /// Makes a token and writes it.
    ///
    /// @param directory the run directory, made if it is not there
    /// @param address that the server listens on
    /// @param random cryptographically strong
    /// @throws IOException with one plain sentence, if it cannot be written or if others may write to the directory
    public static AdminToken write(Path directory, InetSocketAddress address, RandomGenerator random)
            throws IOException {
        byte[] bytes = new byte[RANDOM_BYTES];
        random.nextBytes(bytes);
        String token = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        int port = address.getPort();
        List<Path> files = List.of(file(directory, address.getAddress(), port), file(directory, port));
        try {
            Files.createDirectories(directory, attributes(OWNER_ONLY_DIRECTORY));
            refuseWritableByOthers(directory);
            for (Path file : files) {
                write(file, token);
            }
        } catch (AccessDeniedException e) {
            throw new IOException("this user may not write to " + e.getFile(), e);
        } catch (FileAlreadyExistsException e) {
            throw new IOException(e.getFile() + " is no directory", e);
        }
        return new AdminToken(files, token);
    }

    private static void write(Path file, String token) throws IOException {
        Path draft = Files.createTempFile(file.getParent(), "." + file.getFileName(), ".draft", attributes(OWNER_ONLY));
        try {
            Files.writeString(draft, token + "\n", StandardCharsets.US_ASCII, StandardOpenOption.WRITE);
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    /// The tokens that the server at this address may have, the likeliest first: that of the very address, that
    /// of a server that listens on all of them, and the last one of that port. A server that died leaves its
    /// token behind, so the first may be a dead one's.
    ///
    /// @param directories see [RunDirectory]
    /// @throws IOException if there is a file that cannot be read, or that others could have read or written
    public static List<String> read(List<Path> directories, InetAddress address, int port) throws IOException {
        Set<String> tokens = new LinkedHashSet<>();
        for (Path directory : directories) {
            for (Path file : List.of(
                    file(directory, address, port),
                    file(directory, InetAddress.ofLiteral("0.0.0.0"), port),
                    file(directory, InetAddress.ofLiteral("::"), port),
                    file(directory, port))) {
                @Nullable String token = read(file);
                if (token != null) {
                    tokens.add(token);
                }
            }
        }
        return List.copyOf(tokens);
    }

    /// The token of the server that listens on the port, the last one if there are several, or null if none of this
    /// user's does.
    ///
    /// @param directories see [RunDirectory]
    /// @throws IOException if there is a file that cannot be read, or that others could have read or written
    public static @Nullable String read(List<Path> directories, int port) throws IOException {
        for (Path directory : directories) {
            @Nullable String token = read(file(directory, port));
            if (token != null) {
                return token;
            }
        }
        return null;
    }

    private static @Nullable String read(Path file) throws IOException {
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            return null;
        }
        try {
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                    || (isPosix() && !OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file)))) {
                throw new IOException(file + " is open to others than its owner; its token is not used");
            }
            return Files.readString(file, StandardCharsets.US_ASCII).strip();
        } catch (NoSuchFileException e) {
            // The server stopped just now; another file may have what is looked for.
            return null;
        } catch (AccessDeniedException e) {
            throw new IOException("this user may not read " + e.getFile(), e);
        }
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

    /// Where it lies, for people and scripts.
    public Path file() {
        return files.getLast();
    }

    /// Removes the files that still have this token.
    @Override
    public void close() throws IOException {
        for (Path file : files) {
            try {
                if (matches(Files.readString(file, StandardCharsets.ISO_8859_1).strip())) {
                    Files.deleteIfExists(file);
                }
            } catch (NoSuchFileException e) {
                // Somebody tidied up before us.
            }
        }
    }

    @Override
    public String toString() {
        return "AdminToken[" + file() + "]";
    }

    private static Path file(Path directory, InetAddress address, int port) {
        return directory.resolve(address.getHostAddress() + "-" + port + SUFFIX);
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
            throw new IOException(directory + " can be written to by others than its owner, and the administrator's"
                    + " token needs a directory of its own");
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
