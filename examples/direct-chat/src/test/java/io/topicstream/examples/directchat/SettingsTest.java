package io.topicstream.examples.directchat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.topicstream.examples.backend.Environment;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the environment may say, and what is missing in it.
class SettingsTest {
    private static final Map<String, String> IN_FOLDER =
            Map.of("DB_TYPE", "ROCKSDB", "ROCKSDB_DIR", "names", "AWS_REGION", "us-east-1");
    private static final Map<String, String> IN_TABLE =
            Map.of("DB_TYPE", "DYNAMODB", "DYNAMODB_TABLE_NAME", "chat", "AWS_REGION", "eu-central-1");

    @Test
    void aFolder() throws Exception {
        assertThat(Settings.of(new Environment(IN_FOLDER)))
                .isEqualTo(new Settings(new Settings.Names.InFolder(Path.of("names")), "us-east-1", false));
    }

    @Test
    void aTable() throws Exception {
        Map<String, String> environment = new HashMap<>(IN_TABLE);
        environment.put("DYNAMODB_ENDPOINT_URL", "http://127.0.0.1:8000");
        environment.put("AWS_ACCESS_KEY_ID", "AKIA");

        assertThat(Settings.of(new Environment(environment)))
                .isEqualTo(new Settings(
                        new Settings.Names.InTable("chat", URI.create("http://127.0.0.1:8000")), "eu-central-1", true));
        assertThat(Settings.of(new Environment(IN_TABLE)).names()).isEqualTo(new Settings.Names.InTable("chat", null));
    }

    @ParameterizedTest
    @CsvSource({
        "ROCKSDB, DB_TYPE",
        "ROCKSDB, ROCKSDB_DIR",
        "ROCKSDB, AWS_REGION",
        "DYNAMODB, DB_TYPE",
        "DYNAMODB, DYNAMODB_TABLE_NAME",
        "DYNAMODB, AWS_REGION"
    })
    void aMissingVariableIsNamed(String type, String missing) {
        Map<String, String> environment = new HashMap<>(type.equals("ROCKSDB") ? IN_FOLDER : IN_TABLE);
        environment.remove(missing);

        assertThatThrownBy(() -> Settings.of(new Environment(environment)))
                .isInstanceOf(Environment.Missing.class)
                .message()
                .startsWith(missing + " is missing: ")
                .doesNotContain("\n");
    }

    @Test
    void allThatIsMissingIsNamedAtOnce() {
        assertThatThrownBy(() -> Settings.of(new Environment(Map.of("DB_TYPE", " "))))
                .message()
                .contains("DB_TYPE is missing", "AWS_REGION is missing");
    }

    @ParameterizedTest
    @CsvSource({
        "DB_TYPE, MONGODB",
        "DB_TYPE, rocksdb",
        "DYNAMODB_ENDPOINT_URL, 127.0.0.1:8000",
        "DYNAMODB_ENDPOINT_URL, ftp://127.0.0.1"
    })
    void whatMakesNoSenseIsNamed(String name, String value) {
        Map<String, String> environment = new HashMap<>(IN_TABLE);
        environment.put(name, value);

        assertThatThrownBy(() -> Settings.of(new Environment(environment)))
                .message()
                .startsWith(name + " is ")
                .contains(value);
    }
}
