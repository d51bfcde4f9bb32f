package io.topicstream.cdk;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.topicstream.aws.local.Ministack;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The scripts with the real AWS CLI, on a stand-in for AWS. It makes the stack, and runs none of its functions.
class CommandLineTest {
    private static final String ISSUERS = "[{\"issuer\": \"https://i.example\", \"audience\": [\"a, b\", \"it's\"]}]";

    @TempDir
    private Path folder;

    /// Each call of the CLI takes a second. [ScriptsTest] does the same without it.
    @Test
    @Tag("slow")
    void aSystemComesAndGoes() throws Exception {
        Path root = ScriptsTest.copyTo(folder);
        String python = Tools.thePython();
        ScriptsTest.program(root.resolve("bin/aws"), "exec '" + python + "' -m awscli \"$@\"");
        try (Ministack aws = Ministack.start(Map.of())) {
            Map<String, String> environment = new TreeMap<>();
            environment.put("PATH", root.resolve("bin") + ":" + System.getenv("PATH"));
            environment.put(
                    "PYTHONPATH",
                    Tools.python("command-line", Tools.SOURCES.resolve("command-line.txt"))
                            .toString());
            // What it has compiled it finds again.
            environment.put("PYTHONDONTWRITEBYTECODE", "");
            environment.put("AWS_ENDPOINT_URL", "http://localhost:" + aws.port());
            environment.put("AWS_ACCESS_KEY_ID", "local");
            environment.put("AWS_SECRET_ACCESS_KEY", "local");
            environment.put("REGION", Ministack.REGION);
            environment.put("STACK_NAME", "command-line");
            environment.put("ENABLE_PAGE", "false");
            environment.put("ENABLE_ENCRYPTION", "true");
            environment.put("TOKEN_ISSUERS", ISSUERS);
            environment.put("ALLOWED_ORIGINS", "https://a.example, https://b.example");

            String said = Tools.succeed(root, environment, List.of("cdk/deploy"));
            assertThat(said).containsPattern("Try it: +curl https://.*/health\n");
            assertThat(asked(root, environment, "cloudformation", "describe-stacks", "--query", "Stacks[0].Parameters"))
                    .contains(new ObjectMapper().writeValueAsString(ISSUERS), "https://a.example, https://b.example");
            assertThat(asked(root, environment, "dynamodb", "list-tables")).contains("command-line-Table");

            Tools.succeed(root, environment, List.of("cdk/destroy"));
            assertThat(asked(root, environment, "dynamodb", "list-tables")).doesNotContain("command-line");
            assertThat(asked(root, environment, "s3api", "list-buckets")).doesNotContain("command-line", "topicstream");
        }
    }

    private static String asked(Path root, Map<String, String> environment, String... question) throws Exception {
        List<String> command = new ArrayList<>(List.of(root.resolve("bin/aws").toString()));
        command.addAll(List.of(question));
        command.addAll(List.of("--region", Ministack.REGION));
        return Tools.succeed(root, environment, command);
    }
}
