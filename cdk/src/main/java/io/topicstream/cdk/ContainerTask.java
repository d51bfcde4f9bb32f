package io.topicstream.cdk;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ecs.CfnCluster;
import software.amazon.awscdk.services.ecs.CfnService;
import software.amazon.awscdk.services.ecs.CfnTaskDefinition;
import software.amazon.awscdk.services.iam.CfnRole;
import software.amazon.awscdk.services.logs.CfnLogGroup;
import software.amazon.awscdk.services.secretsmanager.CfnSecret;

/// What runs: the server, and beside it a back end where there is one.
final class ContainerTask {
    /// Secrets go into settings here, and the gateway's definition into a file, for the server reads files. `exec` lets
    /// the server hear that it is to end.
    private static final String COMMAND = """
            set -eu
            export TOPICSTREAM_ACCESS_TOKENS="[{token: \\"$ACCESS_TOKEN\\", user: operator}]"
            if [ -n "$GATEWAY_DEFINITION" ]; then
                printf '%s' "$GATEWAY_DEFINITION" >/tmp/gateway.yaml
                export TOPICSTREAM_GATEWAY_DEFINITION=/tmp/gateway.yaml TOPICSTREAM_GATEWAY_SIGNATURES=verify
                export TOPICSTREAM_GATEWAY_KEYS="[{id: BACKEND, secret: \\"${BACK_END_SECRET-}\\", name: back-end}]"
            fi
            unset ACCESS_TOKEN BACK_END_SECRET GATEWAY_DEFINITION
            exec topicstream serve""";

    private final Stack stack;
    private final Parameters parameters;
    private final Choice backEnd;
    private final ContainerStore store;
    private final CfnLogGroup log;
    private final CfnSecret accessToken;
    private final CfnSecret backEndSecret;
    private final CfnTaskDefinition definition;

    ContainerTask(Stack stack, Parameters parameters, ContainerStore store, Choice exec, Choice backEnd) {
        this.stack = stack;
        this.parameters = parameters;
        this.store = store;
        this.backEnd = backEnd;
        log = CfnLogGroup.Builder.create(stack, "Log")
                .retentionInDays(parameters.number(Input.LOG_RETENTION_DAYS))
                .build();
        log.applyRemovalPolicy(RemovalPolicy.DESTROY);
        accessToken = secret("AccessToken", "The first token for TopicStream");
        backEndSecret = backEnd.only(secret("BackEndSecret", "With which the back end signs what it calls"));
        definition = definition(executionRole(), taskRole(exec));
    }

    private CfnSecret secret(String id, String description) {
        return CfnSecret.Builder.create(stack, id)
                .description(description)
                .generateSecretString(CfnSecret.GenerateSecretStringProperty.builder()
                        .passwordLength(48)
                        .excludePunctuation(true)
                        .build())
                .build();
    }

    private CfnRole executionRole() {
        return role(
                "ExecutionRole",
                List.of(
                        // Logging in to the registry takes no resource.
                        Statements.allow(List.of("ecr:GetAuthorizationToken"), List.of("*")),
                        Statements.allow(
                                List.of(
                                        "ecr:BatchCheckLayerAvailability",
                                        "ecr:BatchGetImage",
                                        "ecr:GetDownloadUrlForLayer"),
                                List.of(Fn.sub(
                                        "arn:${AWS::Partition}:ecr:${AWS::Region}:${AWS::AccountId}:repository/*"))),
                        Statements.allow(
                                List.of("logs:CreateLogStream", "logs:PutLogEvents"), List.of(log.getAttrArn())),
                        Statements.allow(
                                List.of("secretsmanager:GetSecretValue"),
                                List.of(accessToken.getRef(), backEnd.text(backEndSecret.getRef(), Values.NONE)))));
    }

    private CfnRole taskRole(Choice exec) {
        List<Object> statements = new ArrayList<>(store.statements());
        statements.add(exec.of(
                // The channels of a session have no name before there is one.
                Statements.allow(
                        List.of(
                                "ssmmessages:CreateControlChannel",
                                "ssmmessages:CreateDataChannel",
                                "ssmmessages:OpenControlChannel",
                                "ssmmessages:OpenDataChannel"),
                        List.of("*")),
                Values.NONE));
        return role("TaskRole", statements);
    }

    private CfnRole role(String id, List<Object> statements) {
        return CfnRole.Builder.create(stack, id)
                .assumeRolePolicyDocument(Statements.trust("ecs-tasks.amazonaws.com"))
                .policies(List.of(Statements.policy("allowed", statements)))
                .build();
    }

    private CfnTaskDefinition definition(CfnRole execution, CfnRole task) {
        CfnTaskDefinition made = CfnTaskDefinition.Builder.create(stack, "Task")
                .requiresCompatibilities(List.of("FARGATE"))
                .networkMode("awsvpc")
                .cpu(Fn.ref("Cpu"))
                .memory(Fn.ref("Memory"))
                .runtimePlatform(CfnTaskDefinition.RuntimePlatformProperty.builder()
                        .cpuArchitecture("ARM64")
                        .operatingSystemFamily("LINUX")
                        .build())
                .executionRoleArn(execution.getAttrArn())
                .taskRoleArn(task.getAttrArn())
                .build();
        made.addPropertyOverride("Volumes", store.volumes());
        made.addPropertyOverride("ContainerDefinitions", List.of(server(), backEnd.of(backEnd(), Values.NONE)));
        return made;
    }

    private Map<String, Object> server() {
        Object keep = Fn.join("", List.of("{age: ", parameters.text(Input.MESSAGE_RETENTION_HOURS), "h}"));
        List<Object> variables = List.of(
                variable("TOPICSTREAM_SERVER_BIND", "0.0.0.0"),
                variable("TOPICSTREAM_SERVER_PORT", Integer.toString(ContainerNetwork.SERVER_PORT)),
                variable("TOPICSTREAM_SERVER_ALLOWED_HOSTS", Fn.ref("DomainName")),
                variable("TOPICSTREAM_SERVER_ALLOWED_ORIGINS", parameters.text(Input.ALLOWED_ORIGINS)),
                variable("TOPICSTREAM_SERVER_TRUSTED_PROXIES", ContainerNetwork.ADDRESSES),
                // Longer than the load balancer keeps a connection, or it would send a request into one that ends.
                variable("TOPICSTREAM_LIMITS_HTTP_KEEP_ALIVE_IDLE", (ContainerBalancer.IDLE_SECONDS + 60) + "s"),
                variable("TOPICSTREAM_DATA_DIR", "/data/store"),
                variable("TOPICSTREAM_SERVER_RUN_DIR", "/tmp/run"),
                variable(
                        "TOPICSTREAM_ACCESS_ANONYMOUS",
                        parameters.isTrue(Input.ALLOW_GUESTS).text("on", "off")),
                variable(
                        "TOPICSTREAM_POLICIES",
                        Fn.join(
                                "",
                                List.of(
                                        "[{topics: \"*\", keep: ",
                                        keep.toString(),
                                        "}, {topics: \"dm:*\", keep: ",
                                        keep.toString(),
                                        "}]"))),
                variable("GATEWAY_DEFINITION", Fn.ref("GatewayDefinition")),
                variable(
                        "TOPICSTREAM_GATEWAY_PARAMETERS",
                        Fn.sub("{BACK_END: \"127.0.0.1:${BackEndPort}\", CALLBACKS: \"http://127.0.0.1:"
                                + ContainerNetwork.SERVER_PORT + "/dev\"}")),
                parameters
                        .isGiven(Input.TOKEN_ISSUERS)
                        .of(variable("TOPICSTREAM_ACCESS_JWT", parameters.text(Input.TOKEN_ISSUERS)), Values.NONE));
        return Values.of(
                "Name", "topicstream",
                "Image", Fn.ref("Image"),
                "Essential", true,
                "EntryPoint", List.of("sh", "-c"),
                "Command", List.of(COMMAND),
                "Environment", variables,
                "Secrets",
                        List.of(
                                secret("ACCESS_TOKEN", accessToken),
                                backEnd.of(secret("BACK_END_SECRET", backEndSecret), Values.NONE)),
                "PortMappings", List.of(Values.of("ContainerPort", ContainerNetwork.SERVER_PORT, "Protocol", "tcp")),
                "MountPoints", List.of(store.serverMount()),
                // Time to end its connections and to close the store.
                "StopTimeout", 120,
                "LinuxParameters", Values.of("InitProcessEnabled", true),
                "LogConfiguration", logs("server"));
    }

    private Map<String, Object> backEnd() {
        return Values.of(
                "Name", "back-end",
                "Image", Fn.ref("BackEndImage"),
                "Essential", true,
                "Environment",
                        List.of(
                                variable("HTTP_HOST", "127.0.0.1"),
                                variable("HTTP_PORT", Fn.ref("BackEndPort")),
                                variable("DB_TYPE", "ROCKSDB"),
                                variable("ROCKSDB_DIR", "/data/names"),
                                variable("AWS_REGION", Fn.ref("AWS::Region")),
                                variable("AWS_ACCESS_KEY_ID", "BACKEND")),
                "Secrets", List.of(secret("AWS_SECRET_ACCESS_KEY", backEndSecret)),
                "MountPoints", List.of(store.backEndMount()),
                "LogConfiguration", logs("back-end"));
    }

    private static Map<String, Object> variable(String name, Object value) {
        return Values.of("Name", name, "Value", value);
    }

    private static Map<String, Object> secret(String name, CfnSecret secret) {
        return Values.of("Name", name, "ValueFrom", secret.getRef());
    }

    private Map<String, Object> logs(String prefix) {
        return Values.of(
                "LogDriver",
                "awslogs",
                "Options",
                Values.of(
                        "awslogs-group", log.getRef(),
                        "awslogs-region", Fn.ref("AWS::Region"),
                        "awslogs-stream-prefix", prefix));
    }

    /// Runs it as a service: one task, and never two, for a store has one owner. So each deployment is a break of a
    /// minute or so, after which clients are back.
    void run(ContainerNetwork network, ContainerBalancer balancer, Choice detailed, Choice exec) {
        CfnCluster cluster = CfnCluster.Builder.create(stack, "Cluster")
                .clusterSettings(List.of(CfnCluster.ClusterSettingsProperty.builder()
                        .name("containerInsights")
                        .value(detailed.text("enabled", "disabled"))
                        .build()))
                .build();
        CfnService service = CfnService.Builder.create(stack, "Service")
                .cluster(cluster.getRef())
                .taskDefinition(definition.getRef())
                .launchType("FARGATE")
                .desiredCount(1)
                .healthCheckGracePeriodSeconds(120)
                .deploymentConfiguration(CfnService.DeploymentConfigurationProperty.builder()
                        .minimumHealthyPercent(0)
                        .maximumPercent(100)
                        .deploymentCircuitBreaker(CfnService.DeploymentCircuitBreakerProperty.builder()
                                .enable(true)
                                .rollback(true)
                                .build())
                        .build())
                .networkConfiguration(CfnService.NetworkConfigurationProperty.builder()
                        .awsvpcConfiguration(CfnService.AwsVpcConfigurationProperty.builder()
                                .assignPublicIp("ENABLED")
                                .subnets(network.subnets())
                                .securityGroups(List.of(network.taskGroup()))
                                .build())
                        .build())
                .loadBalancers(List.of(CfnService.LoadBalancerProperty.builder()
                        .containerName("topicstream")
                        .containerPort(ContainerNetwork.SERVER_PORT)
                        .targetGroupArn(balancer.target())
                        .build()))
                .propagateTags("SERVICE")
                .build();
        service.addPropertyOverride("EnableExecuteCommand", exec.of(true, false));
        service.addResourceDependency(balancer.listener());
        store.targets().forEach(service::addResourceDependency);
    }

    /// The secret with the first token.
    String accessToken() {
        return accessToken.getRef();
    }
}
