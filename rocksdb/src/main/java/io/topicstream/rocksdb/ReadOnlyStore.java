package io.topicstream.rocksdb;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.Logger;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/// RocksDB opened in a way that changes no file. Its owner sees to it that nobody else has it open to write.
final class ReadOnlyStore implements StoreRows, AutoCloseable {
    private static final int MAX_OPEN_FILES = 64;

    static {
        RocksDB.loadLibrary();
    }

    private final NativeHandles handles = new NativeHandles();
    private final List<AbstractNativeReference> open = new ArrayList<>();
    private final List<ColumnFamilyHandle> families = new ArrayList<>();
    private final RocksDB db;
    private final boolean hasDue;

    /// @param path of RocksDB, in the directory of a store
    ReadOnlyStore(Path path) throws RocksDBException {
        boolean isOpen = false;
        try {
            List<String> names = new ArrayList<>(List.of("default"));
            names.addAll(Store.FAMILIES);
            boolean isDueThere = false;
            try (Options listing = new Options()) {
                for (byte[] name : RocksDB.listColumnFamilies(listing, path.toString())) {
                    String text = new String(name, StandardCharsets.UTF_8);
                    isDueThere |= text.equals("due");
                    if (!names.contains(text)) {
                        throw new RocksDBException("it has the family " + text + ", which this version does not know");
                    }
                }
            }
            hasDue = isDueThere;
            if (!isDueThere) {
                // Versions before retention have none.
                names.remove("due");
            }
            // Beside a server that runs, so with few descriptors.
            DBOptions options = own(new DBOptions()).setParanoidChecks(true).setMaxOpenFiles(MAX_OPEN_FILES);
            // RocksDB's own log would be a file in the store.
            options.setLogger(own(new Silence()));
            List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
            for (String name : names) {
                descriptors.add(new ColumnFamilyDescriptor(name.getBytes(StandardCharsets.US_ASCII)));
            }
            db = own(RocksDB.openReadOnly(options, path.toString(), descriptors, families));
            isOpen = true;
        } finally {
            if (!isOpen) {
                close();
            }
        }
    }

    /// Keeps RocksDB from writing what it does into a file.
    private static final class Silence extends Logger {
        Silence() {
            super(InfoLogLevel.FATAL_LEVEL);
        }

        @Override
        protected void log(InfoLogLevel level, String message) {
            // What matters is thrown.
        }
    }

    private <T extends AbstractNativeReference> T own(T handle) {
        open.add(handles.opened(handle));
        return handle;
    }

    /// Whether it has the family `due`: those that a version before retention wrote have not.
    boolean hasDue() {
        return hasDue;
    }

    /// The last change that is in it.
    long lastSequence() {
        return db.getLatestSequenceNumber();
    }

    @Override
    public Cursor cursor(String family, byte[] from, byte[] to) {
        return new Cursor(handles, db, families.get(1 + Store.FAMILIES.indexOf(family)), from, to, false);
    }

    @Override
    public byte @Nullable [] get(String family, byte[] key) throws RocksDBException {
        try (Cursor rows = cursor(family, key, Arrays.copyOf(key, key.length + 1))) {
            return rows.first() ? rows.value() : null;
        }
    }

    @Override
    public void close() {
        families.forEach(ColumnFamilyHandle::close);
        families.clear();
        for (AbstractNativeReference each : open.reversed()) {
            handles.close(each);
        }
        open.clear();
    }
}
