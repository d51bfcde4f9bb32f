package io.topicstream.examples.directchat;

import static org.assertj.core.api.Assertions.assertThat;

import io.topicstream.examples.backend.Program;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The back end as a process: how it starts, and why it does not.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a line that never comes is a failure
class BackEndTest {
    @TempDir
    private Path folder;

    private final List<Program> programs = new ArrayList<>();

    @AfterEach
    void stop() {
        programs.forEach(Program::close);
    }

    private Program start(String name, Map<String, String> more) throws Exception {
        Map<String, String> environment = new HashMap<>(Program.SIGNED);
        environment.put("HTTP_PORT", "0");
        environment.putAll(more);
        Program program = Program.start(folder, name, environment, Program.java(BackEnd.class.getName()));
        programs.add(program);
        return program;
    }

    private Map<String, String> inFolder() {
        return Map.of(
                "DB_TYPE", "ROCKSDB", "ROCKSDB_DIR", folder.resolve("names").toString());
    }

    @Test
    void aMissingVariableIsNamed() throws Exception {
        Program nothing = start("nothing", Map.of());
        Program noFolder = start("no-folder", Map.of("DB_TYPE", "ROCKSDB"));
        Program noTable = start("no-table", Map.of("DB_TYPE", "DYNAMODB"));

        assertThat(nothing.exitCode()).isEqualTo(78);
        assertThat(nothing.err()).isEqualTo("direct-chat: DB_TYPE is missing: ROCKSDB or DYNAMODB.\n");
        assertThat(noFolder.exitCode()).isEqualTo(78);
        assertThat(noFolder.err()).isEqualTo("direct-chat: ROCKSDB_DIR is missing: a folder.\n");
        assertThat(noTable.exitCode()).isEqualTo(78);
        assertThat(noTable.err()).isEqualTo("direct-chat: DYNAMODB_TABLE_NAME is missing: the name of a table.\n");
    }

    @Test
    void aFolderOrAPortThatIsTakenIsNamed() throws Exception {
        Program first = start("first", inFolder()).awaitReady();
        String port = first.out().strip().replaceFirst(".*:", "");

        Program sameFolder = start("same-folder", inFolder());
        Program samePort = start(
                "same-port",
                Map.of(
                        "DB_TYPE",
                        "ROCKSDB",
                        "ROCKSDB_DIR",
                        folder.resolve("other").toString(),
                        "HTTP_PORT",
                        port));

        assertThat(sameFolder.exitCode()).isEqualTo(74);
        assertThat(sameFolder.err())
                .contains("direct-chat: ")
                .contains(folder.resolve("names").toString());
        assertThat(samePort.exitCode()).isEqualTo(71);
        assertThat(samePort.err()).contains("127.0.0.1:" + port, "HTTP_PORT");
    }

    @Test
    void namesMayBeInATable() throws Exception {
        try (Dynoxide dynoxide = Dynoxide.start(folder)) {
            dynoxide.makeTable("chat");
            Map<String, String> inTable = Map.of(
                    "DB_TYPE",
                    "DYNAMODB",
                    "DYNAMODB_ENDPOINT_URL",
                    dynoxide.endpoint().toString(),
                    "DYNAMODB_TABLE_NAME",
                    "chat");
            Map<String, String> elsewhere = new HashMap<>(inTable);
            elsewhere.put("DYNAMODB_TABLE_NAME", "nowhere");
            int port = Program.freePort();
            Map<String, String> atPort = new HashMap<>(inTable);
            int backEndPort = Program.freePort();
            atPort.put("HTTP_PORT", Integer.toString(backEndPort));

            Program gateway = Programs.gateway(folder, port, backEndPort);
            programs.add(gateway);
            Program backEnd = start("back-end", atPort);
            Program noTable = start("no-table", elsewhere);
            backEnd.awaitReady();
            gateway.awaitReady();
            try (Client ada = Client.open("ws://127.0.0.1:" + port + "/dev");
                    Client bob = Client.open("ws://127.0.0.1:" + port + "/dev")) {
                ada.takeName("ada");
                assertThat(bob.ask("{\"action\":\"username\",\"username\":\"ada\"}"))
                        .isEqualTo("could not set username");
                String bobsId = bob.takeName("bob");
                assertThat(ada.ask("{\"action\":\"message\",\"username\":\"bob\",\"message\":\"hi\"}"))
                        .isEqualTo("sent message: hi\nto: bob");
                assertThat(bob.hear()).isEqualTo("ada: hi");
                ada.say("{\"action\":\"online\"}");
                assertThat(ada.hear(2))
                        .containsExactlyInAnyOrder(
                                ": [{\"connectionId\":\"" + bobsId + "\",\"username\":\"bob\"}]", "{}");
            }
            assertThat(noTable.exitCode()).isEqualTo(74);
            assertThat(noTable.err()).contains("direct-chat: The table nowhere does not exist (DYNAMODB_TABLE_NAME).");
        }
    }
}
