package io.topicstream.cdk;

import java.nio.file.Path;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Environment;
import software.amazon.awscdk.StackProps;
import software.amazon.awscdk.Tags;

/// The app that CDK runs: the stacks of one system, and that of the account.
public final class TopicStreamApp {
    private static final String ARCHIVES = "../functions/target/functions";
    private static final String USUAL_ID = "TopicStream";

    private TopicStreamApp() {}

    public static void main(String... args) {
        App app = new App();
        Context context = new Context(app);
        Object folder = app.getNode().tryGetContext("archives");
        build(app, context, new AssetForm(Path.of(folder == null ? ARCHIVES : folder.toString()), context));
        app.synth();
    }

    /// @param form of the functions
    static void build(App app, Context context, FunctionForm form) {
        // What one stack reads of another cannot go before it.
        app.getNode().setContext("@aws-cdk/core:defaultCrossStackReferences", "strong");
        Object given = app.getNode().tryGetContext("id");
        String id = given == null ? USUAL_ID : given.toString();
        String environment = context.text(Input.ENVIRONMENT);
        String system = id + "-" + environment + "-";
        boolean isForGood = !environment.equals("dev");
        Inputs inputs = Inputs.of(context, form, isForGood);

        new AccountStack(app, id + "-Account", props("Logs of API Gateway, once for an account and region", false));
        DataStack data = new DataStack(app, system + "Data", props("What is kept", isForGood), inputs);
        ApiStack api = new ApiStack(app, system + "Api", props("The doors", false), inputs, data.storage());
        Events events = Events.NONE;
        if (!inputs.tells().isNever()) {
            WorkflowStack workflow = new WorkflowStack(
                    app, system + "Workflow", props("What tells others", false), inputs, data.storage(), api.doors());
            events = workflow.events();
        }
        if (!inputs.page().isNever()) {
            new WebStack(app, system + "Web", props("The chat page", false), inputs, api.doors());
        }
        if (!inputs.monitoring().isThere().isNever()) {
            new MonitoringStack(
                    app,
                    system + "Monitoring",
                    props("The dashboard and alarms", false),
                    inputs,
                    data.storage(),
                    api.doors(),
                    events);
        }
        Tags.of(app).add("project", context.text(Input.PROJECT_NAME));
        Tags.of(app).add("environment", environment);
    }

    private static StackProps props(String what, boolean isProtected) {
        return StackProps.builder()
                .description("TopicStream: " + what)
                .terminationProtection(isProtected)
                .analyticsReporting(false)
                .env(Environment.builder()
                        .account(System.getenv("CDK_DEFAULT_ACCOUNT"))
                        .region(System.getenv("CDK_DEFAULT_REGION"))
                        .build())
                .build();
    }
}
