package io.topicstream.cdk;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// The checker of templates.
final class CfnLint {
    private CfnLint() {}

    /// What it finds, each as `rule: message`. That a resource names another one that it depends on anyway (W3005) is
    /// how CDK writes templates.
    static List<String> findings(List<Path> templates) throws IOException, InterruptedException {
        Path said = Files.createTempFile("cfn-lint", ".json");
        try {
            List<String> arguments = new ArrayList<>(List.of(
                    "-c",
                    "from cfnlint.runner import main; main()",
                    "--format",
                    "json",
                    "--output-file",
                    said.toString(),
                    "--ignore-checks",
                    "W3005",
                    "--regions",
                    "us-east-1",
                    "--"));
            templates.forEach(template -> arguments.add(template.toString()));
            Tools.End end = Tools.python(arguments.toArray(String[]::new));
            String found = Files.readString(said);
            if (found.isBlank()) {
                throw new AssertionError("cfn-lint did not end well: " + end);
            }
            List<String> findings = new ArrayList<>();
            for (Object finding : Deployed.JSON.readValue(found, List.class)) {
                Map<String, Object> rule = Deployed.map(Deployed.map(finding).get("Rule"));
                findings.add(rule.get("Id") + ": " + Deployed.map(finding).get("Message"));
            }
            return findings;
        } finally {
            Files.delete(said);
        }
    }
}
