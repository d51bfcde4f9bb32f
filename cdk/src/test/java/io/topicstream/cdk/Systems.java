package io.topicstream.cdk;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.lambda.CfnFunction;

/// Systems as the app of CDK makes them. The code of functions is said to be in a bucket, so that nothing is copied and
/// what is alike has the same text.
final class Systems {
    private static final FunctionForm SOMEWHERE = new FunctionForm() {
        @Override
        public CfnFunction.CodeProperty code(Stack stack, FunctionKind kind) {
            return CfnFunction.CodeProperty.builder()
                    .s3Bucket("archives")
                    .s3Key(kind.archive())
                    .build();
        }

        @Override
        public String revision() {
            return "one";
        }
    };

    private Systems() {}

    /// @param chosen by the names that parameters of the template have
    /// @param more of the context
    static App app(Path folder, Map<String, String> chosen, Map<String, String> more) {
        Map<String, Object> context = new TreeMap<>(more);
        for (Input input : Input.values()) {
            String value = chosen.get(input.parameter());
            if (value != null) {
                context.put(input.contextName(), value);
            }
        }
        return new App(AppProps.builder()
                .analyticsReporting(false)
                .treeMetadata(false)
                .context(context)
                .outdir(folder.toString())
                .build());
    }

    static App built(App app) {
        TopicStreamApp.build(app, new Context(app), SOMEWHERE);
        return app;
    }

    /// The templates of one, by the names of their stacks.
    static Map<String, String> synthesised(Path folder, Map<String, String> chosen, Map<String, String> more) {
        built(app(folder, chosen, more)).synth();
        return templates(folder);
    }

    static Map<String, String> templates(Path folder) {
        String end = ".template.json";
        Map<String, String> templates = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                String name = file.getFileName().toString();
                if (name.endsWith(end)) {
                    templates.put(name.substring(0, name.length() - end.length()), Files.readString(file));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return templates;
    }
}
