package io.topicstream.gateway.lambda;

import io.topicstream.gateway.model.LocalFunction;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The variables of a function's process. Of the server's own it gets a few that are listed here, since
/// others may be secret.
final class FunctionEnvironment {
    /// Variables of the server that functions get too.
    private static final Set<String> SHARED = Set.of(
            "PATH",
            "TMPDIR",
            "AWS_CA_BUNDLE",
            "NODE_EXTRA_CA_CERTS",
            "REQUESTS_CA_BUNDLE",
            "SSL_CERT_DIR",
            "SSL_CERT_FILE");
    /// The same, of all whose names begin so.
    private static final String SHARED_PREFIX = "AWS_ENDPOINT_URL";

    /// What requests are signed with where nobody has said anything else: SDKs want something.
    private static final String KEY_ID = "AKIATOPICSTREAMLOCAL";

    private FunctionEnvironment() {}

    /// @param folder its code
    /// @param runtimeApi where it asks for invocations
    static Map<String, String> of(LocalFunction function, FunctionWorks works, Path folder, String runtimeApi)
            throws IOException {
        LocalFunctionSettings settings = works.settings();
        Map<String, String> all = new HashMap<>();
        works.surroundings().forEach((name, value) -> {
            if (SHARED.contains(name) || name.startsWith(SHARED_PREFIX)) {
                all.put(name, value);
            }
        });
        all.put("LANG", "en_US.UTF-8");
        all.put("TZ", ":UTC");
        all.put("AWS_REGION", settings.region());
        all.put("AWS_DEFAULT_REGION", settings.region());
        putLayers(function, folder, all);
        all.put("PYTHONPYCACHEPREFIX", works.folders().cache().toString());
        all.putAll(function.environment());
        all.putAll(settings.environment());
        if (!all.containsKey("AWS_ACCESS_KEY_ID") || !all.containsKey("AWS_SECRET_ACCESS_KEY")) {
            all.put("AWS_ACCESS_KEY_ID", KEY_ID);
            all.put("AWS_SECRET_ACCESS_KEY", "local");
            all.put("AWS_SESSION_TOKEN", "local");
        }
        all.put("_HANDLER", function.handler());
        all.put("AWS_EXECUTION_ENV", "AWS_Lambda_" + function.runtime());
        all.put("AWS_LAMBDA_FUNCTION_NAME", function.name());
        all.put("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
        all.put("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", String.valueOf(function.memoryMb()));
        all.put("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
        all.put("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + function.name());
        all.put("AWS_LAMBDA_LOG_STREAM_NAME", "local/[$LATEST]" + runtimeApi.replaceAll("^[^:]*:|/.*", ""));
        all.put("AWS_LAMBDA_RUNTIME_API", runtimeApi);
        all.put("LAMBDA_TASK_ROOT", folder.toString());
        return all;
    }

    /// Where programs look for what layers hold.
    private static void putLayers(LocalFunction function, Path folder, Map<String, String> all) {
        List<String> node = new ArrayList<>();
        List<String> python = new ArrayList<>();
        List<String> java = new ArrayList<>();
        String number = function.runtime().replaceAll("[^0-9.]|\\.x$", "");
        for (Path layer : function.layers()) {
            Path root = layer.toAbsolutePath().normalize();
            add(node, root.resolve("nodejs/node" + number + "/node_modules"));
            add(node, root.resolve("nodejs/node_modules"));
            add(python, root.resolve("python"));
            add(java, root.resolve("java"));
            add(python, root.resolve("python/lib/python" + number + "/site-packages"));
        }
        if (function.runtime().startsWith("node")) {
            node.add(folder.toString());
            all.put("NODE_PATH", String.join(File.pathSeparator, node));
        } else if (function.runtime().startsWith("python") && !python.isEmpty()) {
            all.put("PYTHONPATH", String.join(File.pathSeparator, python));
        } else if (function.runtime().startsWith("java") && !java.isEmpty()) {
            all.put("TOPICSTREAM_JAVA_LAYERS", String.join(File.pathSeparator, java));
        }
    }

    private static void add(List<String> to, Path folder) {
        if (Files.isDirectory(folder)) {
            to.add(folder.toString());
        }
    }
}
