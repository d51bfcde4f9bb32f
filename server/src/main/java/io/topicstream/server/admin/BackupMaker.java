package io.topicstream.server.admin;

import io.topicstream.log.BackupProgress;
import io.topicstream.log.StoreReport;
import java.io.IOException;
import java.nio.file.Path;

/// Makes backups of what the server keeps.
@FunctionalInterface
public interface BackupMaker {
    /// Makes one, on the calling thread, which may be interrupted.
    ///
    /// @param directory where it will be; must not be there
    /// @throws IOException with one plain sentence, where it could not be made; then nothing is there
    StoreReport backUp(Path directory, BackupProgress progress) throws IOException;
}
