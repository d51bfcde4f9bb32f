package io.topicstream.cdk;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// CDK's command line, at the version of this module's lock file.
final class Cdk {
    private Cdk() {}

    /// Runs it.
    ///
    /// @return what it says
    /// @throws AssertionError with what it said, if it fails
    static String run(Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(
                Tools.node("cdk", Path.of("")).resolve("node_modules/.bin/cdk").toString());
        command.addAll(List.of(arguments));
        Map<String, String> all = new HashMap<>(environment);
        all.put("JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION", "1");
        return Tools.succeed(Path.of("target"), all, command);
    }
}
