package io.topicstream.cdk;

import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.CfnOutput;
import software.amazon.awscdk.CfnParameter;
import software.amazon.awscdk.CfnRule;
import software.amazon.awscdk.CfnRuleAssertion;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.constructs.Construct;

/// One server in a container, with all that it needs: a network, a load balancer in front, and a file system for its
/// store. One process owns a store, so there is never more than one task.
final class ContainerStack extends Stack {
    ContainerStack(Construct scope, String id, StackProps props) {
        super(scope, id, props);
        Parameters parameters = new Parameters(
                this,
                Input.ENVIRONMENT,
                Input.PROJECT_NAME,
                Input.ALLOW_GUESTS,
                Input.ALLOWED_ORIGINS,
                Input.TOKEN_ISSUERS,
                Input.MESSAGE_RETENTION_HOURS,
                Input.ENABLE_DETAILED_MONITORING,
                Input.LOG_RETENTION_DAYS);
        text("Image", "The image of TopicStream, for linux/arm64", "[^ ]+", null);
        text(
                "DomainName",
                "The name under which clients come, which has to lead to the load balancer",
                "[a-z0-9.-]+",
                null);
        text(
                "CertificateArn",
                "The certificate of that name, in this region",
                "arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[a-z0-9-]+",
                null);
        CfnParameter.Builder.create(this, "Cpu")
                .type("String")
                .description("Of the task; 1024 is one vCPU")
                .allowedValues(List.of("512", "1024", "2048", "4096"))
                .defaultValue("1024")
                .build();
        CfnParameter.Builder.create(this, "Memory")
                .type("String")
                .description("Of the task, in MB; Fargate takes twice to eight times what Cpu says")
                .allowedValues(List.of("2048", "3072", "4096", "8192"))
                .defaultValue("2048")
                .build();
        CfnParameter.Builder.create(this, "EnableExec")
                .type("String")
                .description(
                        "Whether `aws ecs execute-command` may run commands in the task, such as `topicstream keys`")
                .allowedValues(List.of("true", "false"))
                .defaultValue("false")
                .build();
        text("BackEndImage", "An image of a back end for the gateway, for linux/arm64; none without it", "[^ ]*", "");
        text("BackEndPort", "Where it listens, on loopback", "[1-9][0-9]{3,4}", "8081");
        text(
                "GatewayDefinition",
                "The gateway's definition, the text itself; BACK_END and CALLBACKS in it are known",
                null,
                "");

        needs("GatewayNeedsBackEnd", "GatewayDefinition", "BackEndImage");
        needs("BackEndNeedsGateway", "BackEndImage", "GatewayDefinition");

        Choice exec = parameters.choice("EnableExecIsTrue", Fn.conditionEquals(Fn.ref("EnableExec"), "true"));
        Choice backEnd = parameters.choice(
                "BackEndImageIsGiven", Fn.conditionNot(Fn.conditionEquals(Fn.ref("BackEndImage"), "")));
        ContainerNetwork network = new ContainerNetwork(this);
        ContainerStore store = new ContainerStore(this, network, backEnd);
        ContainerBalancer balancer = new ContainerBalancer(this, network);
        ContainerTask task = new ContainerTask(this, parameters, store, exec, backEnd);
        task.run(network, balancer, parameters.isTrue(Input.ENABLE_DETAILED_MONITORING), exec);

        String host = Fn.ref("DomainName");
        say("LoadBalancerName", "Where the domain name has to lead, by CNAME or alias", balancer.name());
        say(
                "WebSocketApiEndpoint",
                "WebSockets in the protocol of TopicStream",
                Fn.join("", List.of("wss://", host, "/v1")));
        say("ApiUrl", "The HTTP API", Fn.join("", List.of("https://", host)));
        say("ChatPage", "The chat page", Fn.join("", List.of("https://", host, "/chat/")));
        say("TestCommand", "Says whether the server is well", Fn.join("", List.of("curl https://", host, "/health")));
        say("FileSystemId", "The file system, which outlives the stack", store.fileSystem());
        say(
                "AccessTokenCommand",
                "Prints the first token, that of the user operator",
                Fn.join(
                        "",
                        List.of(
                                "aws secretsmanager get-secret-value --secret-id ",
                                task.accessToken(),
                                " --query SecretString --output text")));
    }

    private void text(String name, String description, @Nullable String pattern, @Nullable String usual) {
        CfnParameter.Builder parameter =
                CfnParameter.Builder.create(this, name).type("String").description(description);
        if (pattern != null) {
            parameter.allowedPattern(pattern);
        }
        if (usual != null) {
            parameter.defaultValue(usual);
        }
        parameter.build();
    }

    /// That one may only be given together with another.
    private void needs(String id, String name, String other) {
        CfnRule.Builder.create(this, id)
                .ruleCondition(Fn.conditionNot(Fn.conditionEquals(Fn.ref(name), "")))
                .assertions(List.of(CfnRuleAssertion.builder()
                        .assertValue(Fn.conditionNot(Fn.conditionEquals(Fn.ref(other), "")))
                        .assertDescription(name + " needs " + other)
                        .build()))
                .build();
    }

    private void say(String name, String description, String value) {
        CfnOutput.Builder.create(this, name)
                .description(description)
                .value(value)
                .build();
    }
}
