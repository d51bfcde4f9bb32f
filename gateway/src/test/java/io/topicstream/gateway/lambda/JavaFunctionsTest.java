package io.topicstream.gateway.lambda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Functions in Java, each in a Java machine of its own. The interfaces of `aws-lambda-java-core` are met
/// by their names, so the test has some of these names.
class JavaFunctionsTest {
    private static final String CORE = "com.amazonaws.services.lambda.runtime";

    @TempDir
    private Path folder;

    private LocalCode code;
    private final List<String> sources = new ArrayList<>();

    @BeforeEach
    void begin() throws Exception {
        code = new LocalCode(folder);
        source("com/amazonaws/services/lambda/runtime/Context.java", "package " + CORE + """
                ;
                public interface Context {
                    String getAwsRequestId(); String getFunctionName(); int getMemoryLimitInMB();
                    int getRemainingTimeInMillis(); LambdaLogger getLogger(); Object getClientContext();
                    default String getTenantId() { return "nobody's"; }
                }
                """);
        source("com/amazonaws/services/lambda/runtime/LambdaLogger.java", "package " + CORE + """
                ;
                public interface LambdaLogger { void log(String text); void log(byte[] text); }
                """);
        source("com/amazonaws/services/lambda/runtime/RequestHandler.java", "package " + CORE + """
                ;
                public interface RequestHandler<I, O> { O handleRequest(I input, Context context); }
                """);
    }

    @AfterEach
    void end() {
        code.close();
    }

    private void source(String file, String text) throws Exception {
        sources.add(code.file("source", file, text).toString());
    }

    private void build(String name, String handler, String text) throws Exception {
        source(
                "app/" + name + ".java",
                "package app;\nimport java.io.*;\nimport java.util.*;\nimport " + CORE + ".*;\n" + text);
        List<String> arguments =
                new ArrayList<>(List.of("-proc:none", "-d", code.folder("f").toString()));
        arguments.addAll(sources);
        assertThat(ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new)))
                .isZero();
        code.add(code.function("f", "java25", handler));
    }

    @Test
    void aRequestHandlerWithTypesOfItsOwn() throws Exception {
        build("Echo", "app.Echo", """
                public class Echo implements RequestHandler<Echo.In, Map<String, Object>> {
                    public static class In { private String body; public String getBody() { return body; }
                        public void setBody(String b) { body = b; } }
                    public Map<String, Object> handleRequest(In in, Context context) {
                        context.getLogger().log("got " + in.getBody());
                        Map<String, Object> all = new TreeMap<>();
                        all.put("body", in.getBody());
                        all.put("name", context.getFunctionName());
                        all.put("memory", context.getMemoryLimitInMB());
                        all.put("left", context.getRemainingTimeInMillis() > 0);
                        all.put("id", context.getAwsRequestId().length());
                        all.put("tenant", context.getTenantId());
                        all.put("client", context.getClientContext() == null);
                        all.put("own", System.getenv("OWN"));
                        all.put("server", Thread.currentThread().getContextClassLoader().getParent()
                                == ClassLoader.getPlatformClassLoader());
                        return all;
                    }
                }
                """);

        assertThat(code.call("f", "{\"body\":\"hi\",\"other\":[1]}"))
                .isEqualTo("{\"body\":\"hi\",\"client\":true,\"id\":36,\"left\":true,\"memory\":256,\"name\":\"f\","
                        + "\"own\":\"of f\",\"server\":true,\"tenant\":\"nobody's\"}");
        assertThat(code.call("f", "{\"body\":\"again\"}")).startsWith("{\"body\":\"again\"");
        assertThat(code.run().processes("f")).isEqualTo(1);
    }

    @Test
    void plainMethodsAndStreams() throws Exception {
        build("Plain", "app.Plain::map", """
                public class Plain {
                    public String map(Map<String, Object> event) { return "map of " + event.get("a"); }
                    public static Object many(List<Integer> event, Context context) { return event.get(1) + 1; }
                    public void streams(InputStream in, OutputStream out, Context context) throws IOException {
                        out.write('['); in.transferTo(out); out.write(']');
                    }
                    public Object fails(String event) { throw new IllegalStateException("bad " + event); }
                    public Object ends(String event) { System.exit(3); return null; }
                    public Object spins(String event) { while (true) { Thread.onSpinWait(); } }
                }
                """);
        for (String method : List.of("many", "streams", "fails", "ends", "spins", "missing")) {
            code.add(new io.topicstream.gateway.model.LocalFunction(
                    method,
                    "java21",
                    "app.Plain::" + method,
                    code.folder("f"),
                    null,
                    java.util.Map.of(),
                    method.equals("spins") ? 1 : 20,
                    128,
                    null,
                    List.of()));
        }

        assertThat(code.call("f", "{\"a\":1}")).isEqualTo("\"map of 1\"");
        assertThat(code.call("many", "[1,2]")).isEqualTo("3");
        assertThat(code.call("streams", "{\"a\":1}")).isEqualTo("[{\"a\":1}]");
        assertThat(code.call("fails", "\"x\""))
                .startsWith("Unhandled ")
                .contains("\"errorMessage\":\"bad x\"", "\"errorType\":\"java.lang.IllegalStateException\"");
        assertThat(code.call("ends", "\"x\"")).contains("Runtime.ExitError", "exit status 3");
        assertThat(code.call("spins", "\"x\"")).contains("Task timed out after 1.00 seconds");
        assertThat(code.call("missing", "\"x\""))
                .contains("java.lang.NoSuchMethodException", "No public method named missing");
    }
}
