package io.topicstream.gateway.lambda;

import io.topicstream.gateway.model.LocalFunction;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Enumeration;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/// The code of one function as a folder: its own, or one that is made of its archive or of what the
/// definition holds. Thread-safe; what makes it blocks.
final class FunctionCode {
    /// What Lambda allows of code.
    private static final long MAX_UNPACKED_BYTES = 250L << 20;

    private static final int MAX_ENTRIES = 65_536;
    private static final int COPY_BYTES = 64 << 10;

    private final LocalFunction function;
    private final FunctionFolders folders;
    private @Nullable Path folder;
    private @Nullable Path made;

    FunctionCode(LocalFunction function, FunctionFolders folders) {
        this.function = function;
        this.folders = folders;
    }

    /// Where it is.
    ///
    /// @throws IOException if it is not to be had
    synchronized Path folder() throws IOException {
        Path known = folder;
        if (known == null) {
            known = find();
            folder = known;
        }
        return known;
    }

    private Path find() throws IOException {
        Path code = function.code().toAbsolutePath().normalize();
        String inline = function.inlineCode();
        if (inline != null) {
            Path own = make();
            Files.writeString(own.resolve("index" + (function.runtime().startsWith("python") ? ".py" : ".js")), inline);
            return own;
        }
        if (Files.isDirectory(code)) {
            return code.toRealPath();
        }
        String name = String.valueOf(code.getFileName());
        if (!name.endsWith(".zip") && !name.endsWith(".jar")) {
            throw new IOException(code + " is neither a folder nor an archive");
        }
        Path own = make();
        unpack(code, own, MAX_UNPACKED_BYTES);
        return own;
    }

    private Path make() throws IOException {
        Path own = folders.make(function.name());
        made = own;
        return own;
    }

    /// Unpacks an archive into an empty folder.
    ///
    /// @throws IOException if it is none, has more than allowed in it, or something that would be
    ///     elsewhere
    static void unpack(Path archive, Path into, long maxBytes) throws IOException {
        long left = maxBytes;
        byte[] buffer = new byte[COPY_BYTES];
        try (ZipFile zip = new ZipFile(archive.toFile())) {
            if (zip.size() > MAX_ENTRIES) {
                throw new IOException(archive + " has more than " + MAX_ENTRIES + " entries");
            }
            Enumeration<? extends ZipEntry> entries = zip.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                Path file = into.resolve(entry.getName()).normalize();
                if (!file.startsWith(into)) {
                    throw new IOException(archive + " has an entry outside of itself: " + entry.getName());
                }
                if (entry.isDirectory()) {
                    Files.createDirectories(file);
                    continue;
                }
                Files.createDirectories(file.getParent());
                try (InputStream in = zip.getInputStream(entry);
                        OutputStream out = Files.newOutputStream(file)) {
                    for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                        left -= read;
                        if (left < 0) {
                            throw new IOException(archive + " has more than " + maxBytes + " bytes in it");
                        }
                        out.write(buffer, 0, read);
                    }
                }
                if (entry.getName().equals("bootstrap")) {
                    allowToRun(file);
                }
            }
        }
    }

    private static void allowToRun(Path file) throws IOException {
        if (file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(
                    file,
                    EnumSet.of(
                            PosixFilePermission.OWNER_READ,
                            PosixFilePermission.OWNER_WRITE,
                            PosixFilePermission.OWNER_EXECUTE));
        }
    }

    /// Removes what was made.
    synchronized void close() {
        if (made != null) {
            FunctionFolders.remove(made);
            made = null;
            folder = null;
        }
    }
}
