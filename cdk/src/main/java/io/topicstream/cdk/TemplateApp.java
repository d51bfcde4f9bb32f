package io.topicstream.cdk;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
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
        app.synth();
        ObjectMapper json = new ObjectMapper()
                .enable(SerializationFeature.INDENT_OUTPUT)
                .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS);
        for (String name : new String[] {SYSTEM, ACCOUNT}) {
            Object template =
                    json.readValue(assembly.resolve(name + ".template.json").toFile(), Object.class);
            Files.writeString(folder.resolve(name + ".template.json"), json.writeValueAsString(template) + "\n");
        }
    }

    private static StackProps props(String description) {
        return StackProps.builder()
                .description(description)
                .analyticsReporting(false)
                .synthesizer(new BootstraplessSynthesizer())
                .build();
    }
}
