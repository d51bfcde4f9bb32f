package io.topicstream.examples.directchat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.examples.backend.RecordsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/// The register in a table.
class DynamoRegisterTest extends RegisterContract {
    @TempDir
    private static Path folder;

    private static Dynoxide dynoxide;

    private final List<Register> open = new ArrayList<>();
    private String table;

    @BeforeAll
    static void start() throws Exception {
        dynoxide = Dynoxide.start(folder);
    }

    @AfterAll
    static void stop() {
        if (dynoxide != null) {
            dynoxide.close();
        }
    }

    @BeforeEach
    void open(TestInfo test) {
        table = test.getTestMethod().orElseThrow().getName();
        dynoxide.makeTable(table);
        reopened();
    }

    @AfterEach
    void close() {
        open.forEach(Register::close);
    }

    @Override
    Register register() {
        return open.getFirst();
    }

    /// Beside the first one: several may share a table.
    @Override
    Register reopened() {
        Register register = DynamoRegister.open(dynoxide.client(), table);
        open.add(register);
        return register;
    }

    @Override
    int listed() {
        return 30;
    }

    @Test
    void twoThatShareATableShareItsNames() {
        Register other = reopened();

        assertThat(register().claim("c1", "ada")).isTrue();
        assertThat(other.claim("c2", "ada")).isFalse();
        other.disconnect("c1");
        assertThat(register().claim("c2", "ada")).isTrue();
    }

    @Test
    void aTableThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> DynamoRegister.open(dynoxide.client(), "nowhere"))
                .isInstanceOf(RecordsException.class)
                .hasMessageContaining("nowhere")
                .hasMessageContaining("DYNAMODB_TABLE_NAME");
    }
}
