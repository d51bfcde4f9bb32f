package io.topicstream.rocksdb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The files of an open [Store] as others may change them: who may read them, whether they are still there, whether
/// the disk has room for more.
///
/// A process keeps writing to files that were removed or moved under it, and would call durable what nobody can find
/// again. So it is looked now and then whether the directory still holds the files that were opened.
///
/// Messages are for nobody but the server. A directory that is made here is closed to all other users; one that was
/// there before is closed to those outside its group. What RocksDB makes inside is as closed as the directory.
final class StoreFiles {
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.OTHERS_EXECUTE);
    private static final long MIB = 1 << 20;

    /// A file or directory, and what the file system calls it, whatever its name.
    private record Known(Path path, @Nullable Object key) {
        static Known of(Path path) throws IOException {
            return new Known(path, keyOf(path));
        }

        boolean isThere() {
            try {
                return Objects.equals(key, keyOf(path));
            } catch (IOException e) {
                return false;
            }
        }

        private static @Nullable Object keyOf(Path path) throws IOException {
            return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        }
    }

    private final Path directory;
    private final Path db;
    private final List<Known> known = new ArrayList<>();

    private StoreFiles(Path directory) {
        this.directory = directory;
        this.db = directory.resolve("db");
    }

    /// Those of a store that was just opened.
    static StoreFiles of(Path directory) throws StoreException {
        StoreFiles files = new StoreFiles(directory);
        try {
            for (String name : List.of("lock", "synced", "db")) {
                files.known.add(Known.of(directory.resolve(name)));
            }
            return files;
        } catch (IOException e) {
            throw new StoreException("the store in " + directory + " cannot be opened: " + e, e);
        }
    }

    /// Makes the directory of a store, closed to others, where it is not there.
    static void makeDirectory(Path directory) throws IOException {
        if (Files.isDirectory(directory)) {
            return;
        }
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        if (hasPermissions(directory)) {
            Files.createDirectories(directory, PRIVATE);
        } else {
            Files.createDirectories(directory);
        }
    }

    /// Makes a directory of the store's own, or closes the one that is there to others.
    static void makePrivate(Path directory) throws IOException {
        makeDirectory(directory);
        if (hasPermissions(directory)) {
            Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
            permissions.addAll(Files.getPosixFilePermissions(directory));
            if (permissions.removeAll(OTHERS)) {
                Files.setPosixFilePermissions(directory, permissions);
            }
        }
    }

    private static boolean hasPermissions(Path path) {
        return path.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /// What was removed or moved, in one sentence; null where all is as it was.
    @Nullable
    String whatIsGone() {
        for (Known each : known) {
            if (!each.isThere()) {
                return gone(each.path);
            }
        }
        if (!Files.exists(db.resolve("CURRENT"), LinkOption.NOFOLLOW_LINKS)) {
            return gone(db.resolve("CURRENT"));
        }
        try (Stream<Path> files = Files.list(db)) {
            return files.anyMatch(StoreFiles::isLog) ? null : gone(db.resolve("*.log"));
        } catch (IOException e) {
            return gone(db);
        }
    }

    private String gone(Path path) {
        return path + " was removed or moved while the server ran; stop the server, and put the data back in its place"
                + " before you start it again";
    }

    /// Whether the disk has the room that an open after a failure takes, about.
    boolean hasRoomToReopen() {
        long bytes = MIB;
        try (Stream<Path> files = Files.list(db)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                if (isLog(file)) {
                    bytes += Files.size(file);
                }
            }
            return Files.getFileStore(directory).getUsableSpace() >= bytes;
        } catch (IOException e) {
            // Unknown. Trying will tell.
            return true;
        }
    }

    private static boolean isLog(Path file) {
        return file.toString().endsWith(".log");
    }
}
