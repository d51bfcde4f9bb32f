package io.topicstream.examples.directchat;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.examples.backend.RecordsException;
import io.topicstream.rocksdb.RocksLog;
import io.topicstream.rocksdb.RocksOptions;
import io.topicstream.state.StateStore;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The register in a folder.
class RocksRegisterTest extends RegisterContract {
    @TempDir
    private Path folder;

    private RocksRegister register;

    @BeforeEach
    void open() {
        register = RocksRegister.open(folder);
    }

    @AfterEach
    void close() {
        register.close();
    }

    @Override
    Register register() {
        return register;
    }

    @Override
    Register reopened() {
        register.close();
        open();
        return register;
    }

    @Override
    int listed() {
        return 1001;
    }

    @Test
    void aClaimThatWasCutShortCountsForNothing() throws Exception {
        register.claim("c1", "ada");
        register.close();
        try (RocksLog log = RocksLog.open(folder, RocksOptions.DEFAULTS)) { // the half of c1 becoming "countess"
            log.state()
                    .put("names", "countess", "c1".getBytes(UTF_8), StateStore.ABSENT, StateStore.NEVER)
                    .toCompletableFuture()
                    .join();
        }
        open();

        assertThat(register.connectionOf("countess")).isNull();
        assertThat(register.claim("c2", "countess")).isTrue();
        register.disconnect("c1");
        assertThat(register.connectionOf("countess")).isEqualTo("c2");
    }

    @Test
    void onlyOneHasTheFolder() {
        assertThatThrownBy(() -> RocksRegister.open(folder))
                .isInstanceOf(RecordsException.class)
                .hasMessageContaining(folder.toString());
    }

    @Test
    void whenItIsClosedItSaysSo() {
        register.close();

        assertThatThrownBy(() -> register.usernameOf("c1"))
                .isInstanceOf(RecordsException.class)
                .hasMessageContaining("did not answer");
    }
}
