package io.topicstream.gateway.definition;

import java.util.Locale;
import java.util.Map;

/// What `Ref` and `Fn::GetAtt` give of a resource: its own names where they are written, else ones like those that AWS
/// would make. The same at every reading.
final class Attributes {
    private static final Map<String, String> SERVICES = Map.of(
            "ElasticLoadBalancingV2", "elasticloadbalancing",
            "StepFunctions", "states",
            "Cognito", "cognito-idp",
            "ApplicationAutoScaling", "autoscaling",
            "OpenSearchService", "es",
            "Elasticsearch", "es");

    private final Stack stack;

    Attributes(Stack stack) {
        this.stack = stack;
    }

    /// What `Ref` gives.
    String ref(Resource resource) {
        return switch (resource.type()) {
            case "AWS::ApiGatewayV2::Api" -> apiId(resource);
            case "AWS::ApiGatewayV2::Stage" -> stack.property(resource, "StageName", resource.id());
            case "AWS::ApiGatewayV2::DomainName" -> stack.property(resource, "DomainName", "");
            case "AWS::ApiGatewayV2::Authorizer", "AWS::ApiGatewayV2::Deployment" -> Ids.of(6, path(resource));
            case "AWS::ApiGateway::ApiKey", "AWS::ApiGateway::UsagePlan" -> Ids.of(Ids.API, path(resource));
            case "AWS::Lambda::Version" -> functionArn(resource) + ":1";
            case "AWS::Lambda::Alias" -> functionArn(resource) + ":" + stack.property(resource, "Name", "live");
            case "AWS::CloudFormation::Stack", "AWS::Serverless::Application" ->
                stack.account()
                        .arn(
                                "cloudformation",
                                "stack/" + stack.account().stackName() + "-" + resource.id() + "/"
                                        + Ids.uuid(path(resource)));
            case "AWS::SQS::Queue" ->
                "https://sqs." + stack.account().region() + "."
                        + stack.account().urlSuffix() + "/" + stack.account().id() + "/" + name(resource);
            case "AWS::SNS::Topic",
                    "AWS::StepFunctions::StateMachine",
                    "AWS::Serverless::StateMachine",
                    "AWS::SecretsManager::Secret",
                    "AWS::ElasticLoadBalancingV2::LoadBalancer",
                    "AWS::ElasticLoadBalancingV2::TargetGroup",
                    "AWS::ElasticLoadBalancingV2::Listener" -> arn(resource);
            default ->
                resource.type().startsWith("AWS::ApiGatewayV2::") ? Ids.of(Ids.PART, path(resource)) : name(resource);
        };
    }

    /// What `Fn::GetAtt` gives.
    String attribute(Resource resource, String attribute) {
        boolean isApi = resource.type().equals("AWS::ApiGatewayV2::Api");
        if (isApi && attribute.equals("ApiEndpoint")) {
            return "wss://" + apiId(resource) + ".execute-api."
                    + stack.account().region() + "." + stack.account().urlSuffix();
        }
        if (resource.type().equals("AWS::ApiGatewayV2::DomainName") && attribute.equals("RegionalDomainName")) {
            return "d-" + Ids.of(Ids.API, path(resource)) + ".execute-api."
                    + stack.account().region() + "." + stack.account().urlSuffix();
        }
        if (resource.type().equals("AWS::SQS::Queue") && attribute.equals("QueueUrl")) {
            return ref(resource);
        }
        if (attribute.equals(lastOf(resource.type()) + "Id") || isApi) {
            return ref(resource);
        }
        if (attribute.equals("Arn") || attribute.endsWith("Arn")) {
            String arn = arn(resource);
            return attribute.equals("StreamArn") ? arn + "/stream/2026-01-01T00:00:00.000" : arn;
        }
        if (attribute.endsWith("Name")) {
            return name(resource);
        }
        String made = path(resource) + "." + attribute;
        if (attribute.endsWith("Address") || attribute.endsWith("Endpoint") || attribute.endsWith("DNSName")) {
            return Ids.of(Ids.API, made) + "." + stack.account().region() + "."
                    + stack.account().urlSuffix();
        }
        return Ids.of(Ids.API, made);
    }

    /// The id of an API: what its metadata says (`TopicStream: {ApiId: …}`), else one of its own name.
    private String apiId(Resource resource) {
        String given = resource.attributes()
                .membersAt("Metadata")
                .membersAt("TopicStream")
                .textAt("ApiId");
        if (given.isEmpty()) {
            return Ids.of(Ids.API, path(resource));
        }
        if (!given.matches("[a-z0-9]{10}")) {
            throw new Wrong(resource.line(), "Metadata.TopicStream.ApiId is ten lower-case letters and digits");
        }
        return given;
    }

    /// The name by which a function is invoked: that which it was given, else its logical id, as tools that run
    /// functions on the machine have it.
    String functionName(Resource resource) {
        String given = stack.property(resource, "FunctionName", "");
        return given.isEmpty() ? path(resource).replace('/', '-') : given;
    }

    String functionArn(String name) {
        return name.startsWith("arn:") ? name : stack.account().arn("lambda", "function:" + name);
    }

    /// The ARN of the function that a version or an alias is of.
    private String functionArn(Resource of) {
        return functionArn(stack.property(of, "FunctionName", of.id()));
    }

    private String arn(Resource resource) {
        String name = name(resource);
        Account account = stack.account();
        return switch (resource.type()) {
            case "AWS::Lambda::Function", Serverless.FUNCTION -> functionArn(functionName(resource));
            case "AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable", "AWS::Serverless::SimpleTable" ->
                account.arn("dynamodb", "table/" + name);
            case "AWS::SQS::Queue", "AWS::SNS::Topic" -> account.arn(service(resource.type()), name);
            case "AWS::S3::Bucket" -> "arn:" + account.partition() + ":s3:::" + name;
            case "AWS::IAM::Role", "AWS::IAM::User", "AWS::IAM::ManagedPolicy" ->
                "arn:" + account.partition() + ":iam::" + account.id() + ":"
                        + lastOf(resource.type()).toLowerCase(Locale.ROOT).replace("managed", "") + "/" + name;
            case "AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine" ->
                account.arn("states", "stateMachine:" + name);
            case "AWS::Logs::LogGroup" -> account.arn("logs", "log-group:" + name + ":*");
            case "AWS::Events::EventBus" -> account.arn("events", "event-bus/" + name);
            case "AWS::SecretsManager::Secret" -> account.arn("secretsmanager", "secret:" + name);
            default ->
                account.arn(service(resource.type()), lastOf(resource.type()).toLowerCase(Locale.ROOT) + "/" + name);
        };
    }

    private String name(Resource resource) {
        String kind = lastOf(resource.type());
        if (kind.equals("Function")) {
            return functionName(resource);
        }
        for (String property : new String[] {kind + "Name", "Name"}) {
            String given = stack.property(resource, property, "");
            if (!given.isEmpty()) {
                return given;
            }
        }
        String made = stack.account().stackName() + "-" + resource.id() + "-" + Ids.suffix(path(resource));
        return resource.type().equals("AWS::S3::Bucket") ? made.toLowerCase(Locale.ROOT) : made;
    }

    /// The logical ids from the outermost stack to the resource, by which it is known over all stacks.
    private String path(Resource resource) {
        return stack.path() + resource.id();
    }

    private static String service(String type) {
        String[] parts = type.split("::", -1);
        String name = parts.length > 1 ? parts[1] : type;
        return SERVICES.getOrDefault(name, name.toLowerCase(Locale.ROOT));
    }

    private static String lastOf(String type) {
        return type.substring(type.lastIndexOf(':') + 1);
    }
}
