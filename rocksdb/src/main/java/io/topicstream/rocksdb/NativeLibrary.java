package io.topicstream.rocksdb;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.net.URLConnection;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/// RocksDB's native part: taken out of its archive once, into the store's own directory, and loaded from there.
///
/// RocksDB itself would put 15 MB into the temporary directory at each start, and leave them there when the
/// process is killed; where that directory may not run programs, is full or is not there, it could not start at
/// all. The temporary directory is only asked where the store's own cannot serve, and what is put there is taken
/// away as soon as it is loaded.
///
/// Thread-safe. A process loads it once.
final class NativeLibrary {
    /// What it is called in the archive.
    private static final String RESOURCE = Environment.getJniLibraryFileName("rocksdb");
    /// What [RocksDB#loadLibrary(List)] looks for. It is another name, and which one is RocksDB's to say.
    private static final String FILE = Environment.getJniLibraryFileName("rocksdbjni");

    private static boolean isLoaded;

    private NativeLibrary() {}

    /// Loads it, if it is not.
    ///
    /// @param directory where it is kept, made if it is not there; nobody else may be at it at the time
    /// @throws StoreException with one plain sentence, where it can be loaded from nowhere
    static synchronized void load(Path directory) throws StoreException {
        if (isLoaded) {
            return;
        }
        List<String> failures = new ArrayList<>();
        if (loadFrom(directory, failures) || loadFromTemporary(failures)) {
            isLoaded = true;
            return;
        }
        throw new StoreException("the store's native library cannot be loaded: " + String.join("; ", failures));
    }

    private static boolean loadFrom(Path directory, List<String> failures) {
        try {
            Files.createDirectories(directory);
            takeOut(directory.resolve(FILE));
            RocksDB.loadLibrary(List.of(directory.toAbsolutePath().toString()));
            return true;
        } catch (IOException | UnsatisfiedLinkError e) {
            failures.add(why(directory, e));
            return false;
        }
    }

    private static boolean loadFromTemporary(List<String> failures) {
        Path directory;
        try {
            directory = Files.createTempDirectory("topicstream-");
        } catch (IOException e) {
            failures.add(why(Path.of(System.getProperty("java.io.tmpdir")), e));
            return false;
        }
        try {
            return loadFrom(directory, failures);
        } finally {
            // What is loaded stays so.
            deleteQuietly(directory.resolve(FILE));
            deleteQuietly(directory);
        }
    }

    /// Puts the library there, unless it is there already.
    private static void takeOut(Path file) throws IOException {
        URL resource = RocksDB.class.getClassLoader().getResource(RESOURCE);
        if (resource == null) {
            throw new IOException("RocksDB has no " + RESOURCE + " for this machine");
        }
        URLConnection connection = resource.openConnection();
        long crc =
                connection instanceof JarURLConnection jar ? jar.getJarEntry().getCrc() : -1;
        if (Files.isRegularFile(file) && crcOf(file) == crc) {
            return;
        }
        // A process that is killed meanwhile leaves a part of it; the next one writes over that.
        Path draft = file.resolveSibling(FILE + ".draft");
        try (InputStream in = connection.getInputStream()) {
            Files.copy(in, draft, StandardCopyOption.REPLACE_EXISTING);
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            deleteQuietly(draft);
            throw e;
        }
    }

    private static long crcOf(Path file) throws IOException {
        CRC32 crc = new CRC32();
        ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 18);
        try (FileChannel in = FileChannel.open(file)) {
            while (in.read(buffer) >= 0) {
                crc.update(buffer.flip());
                buffer.clear();
            }
        }
        return crc.getValue();
    }

    private static String why(Path directory, Throwable failure) {
        String message = String.valueOf(failure.getMessage());
        return switch (failure) {
            case AccessDeniedException _ -> "no permission to write to " + directory;
            case NoSuchFileException _ -> directory + " is not there";
            case UnsatisfiedLinkError _
            when message.contains("failed to map segment") ->
                "programs may not run from " + directory + " (it is mounted noexec)";
            default -> "not from " + directory + " (" + message + ")";
        };
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // It is in nobody's way, and the next one writes over it.
        }
    }
}
