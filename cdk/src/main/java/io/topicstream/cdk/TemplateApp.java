package io.topicstream.cdk;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import software.amazon.awscdk.App;
import software.amazon.awscdk.AppProps;
import software.amazon.awscdk.BootstraplessSynthesizer;
import software.amazon.awscdk.StackProps;

/// Writes the templates that are deployed without CDK.
public final class TemplateApp {
    private static final String SYSTEM = "topicstream";
    private static final String ACCOUNT = "topicstream-account";
    private static final String CONTAINER = "topicstream-container";
    private static final ObjectMapper JSON = new ObjectMapper()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);

    private TemplateApp() {}

    /// Writes them.
    ///
    /// @param args the folder for them
    public static void main(String... args) throws IOException {
        write(Path.of(args[0]));
    }

    /// @param folder that exists
    static void write(Path folder) throws IOException {
        Path assembly = Files.createTempDirectory("templates");
        App app = new App(AppProps.builder()
                .analyticsReporting(false)
                .treeMetadata(false)
                .outdir(assembly.toString())
                .build());
        new WholeStack(app, SYSTEM, props("TopicStream: a system for live messages"));
        new AccountStack(app, ACCOUNT, props("TopicStream: logs of API Gateway, once for an account and region"));
        new ContainerStack(app, CONTAINER, props("TopicStream: one process in a container"));
        app.synth();
        for (String name : new String[] {SYSTEM, ACCOUNT, CONTAINER}) {
            String file = name + ".template.json";
            ObjectNode template =
                    (ObjectNode) JSON.readTree(assembly.resolve(file).toFile());
            write(folder.resolve(file), template);
            if (name.equals(SYSTEM)) {
                write(folder.resolve(name + ".sam.json"), ServerlessForm.of(template));
            }
        }
    }

    private static void write(Path file, ObjectNode template) throws IOException {
        Files.writeString(file, JSON.writeValueAsString(JSON.treeToValue(template, Object.class)) + "\n");
    }

    private static StackProps props(String description) {
        return StackProps.builder()
                .description(description)
                .analyticsReporting(false)
                .synthesizer(new BootstraplessSynthesizer())
                .build();
    }
}
