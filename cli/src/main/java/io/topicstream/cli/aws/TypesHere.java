package io.topicstream.cli.aws;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What becomes of the types of resources on this machine: they run, or have no effect on what runs, or cannot be run.
final class TypesHere {
    static final String API = "AWS::ApiGatewayV2::Api";
    static final String AUTHORIZER = "AWS::ApiGatewayV2::Authorizer";
    static final String BUCKET = "AWS::S3::Bucket";
    static final String BUS = "AWS::Events::EventBus";
    static final String DISTRIBUTION = "AWS::CloudFront::Distribution";
    static final String FUNCTION = "AWS::Lambda::Function";
    static final String INTEGRATION = "AWS::ApiGatewayV2::Integration";
    static final String MAPPING = "AWS::Lambda::EventSourceMapping";
    static final String ROUTE = "AWS::ApiGatewayV2::Route";
    static final String RULE = "AWS::Events::Rule";
    static final String STAGE = "AWS::ApiGatewayV2::Stage";
    static final String TABLE = "AWS::DynamoDB::Table";

    private static final Set<String> RUN = Set.of(
            API,
            BUCKET,
            BUS,
            FUNCTION,
            INTEGRATION,
            MAPPING,
            ROUTE,
            RULE,
            STAGE,
            TABLE,
            "AWS::ApiGateway::ApiKey",
            "AWS::ApiGateway::UsagePlan",
            "AWS::ApiGateway::UsagePlanKey",
            "AWS::ApiGatewayV2::Deployment",
            "AWS::ApiGatewayV2::IntegrationResponse",
            "AWS::ApiGatewayV2::Model",
            "AWS::ApiGatewayV2::RouteResponse",
            // What is in it is run.
            "AWS::CloudFormation::Stack");

    /// Why they have no effect, by types, or by beginnings of types that end with a colon.
    private static final Map<String, String> WITHOUT_EFFECT = new LinkedHashMap<>();

    static {
        WITHOUT_EFFECT.put("AWS::IAM::", "nobody is asked for rights on this machine");
        WITHOUT_EFFECT.put("AWS::Lambda::Permission", "nobody is asked for rights on this machine");
        WITHOUT_EFFECT.put("AWS::S3::BucketPolicy", "nobody is asked for rights on this machine");
        WITHOUT_EFFECT.put("AWS::Lambda::Version", "there is one version, that of this command");
        WITHOUT_EFFECT.put("AWS::Lambda::Alias", "there is one version, that of this command");
        WITHOUT_EFFECT.put("AWS::Logs::", "logs are printed");
        WITHOUT_EFFECT.put("AWS::ApiGateway::Account", "logs are printed");
        WITHOUT_EFFECT.put("AWS::CloudWatch::", "nothing is measured but what AWS would bill");
        WITHOUT_EFFECT.put("AWS::SNS::", "only alarms tell it anything");
        WITHOUT_EFFECT.put("AWS::SQS::", "calls that failed for good are in the log");
        WITHOUT_EFFECT.put("AWS::CloudFront::", "the chat page is served at /chat/");
        WITHOUT_EFFECT.put("AWS::CDK::Metadata", "it says by what the template was made");
    }

    /// Why they cannot be run, by types, or by beginnings of types that end with a colon.
    private static final Map<String, String> NOT_RUN = new LinkedHashMap<>();

    static {
        NOT_RUN.put("AWS::StepFunctions::", "there is no Step Functions, so nobody would deliver");
        NOT_RUN.put("AWS::KMS::", "there is no KMS, and nothing is encrypted");
        NOT_RUN.put("AWS::ApiGatewayV2::DomainName", "there are no names but those of this machine");
        NOT_RUN.put("AWS::ApiGatewayV2::ApiMapping", "there are no names but those of this machine");
        NOT_RUN.put(AUTHORIZER, "the function of TopicStream says itself who comes in");
        NOT_RUN.put("AWS::EC2::", "there is no network but that of this machine");
        NOT_RUN.put("AWS::Cognito::", "it holds no users; the parameter TokenIssuers names an issuer that runs");
    }

    private TypesHere() {}

    /// Why a resource has no effect; null where it has one, or cannot be run.
    static @Nullable String withoutEffect(String type) {
        return of(WITHOUT_EFFECT, type);
    }

    /// Why a resource cannot be run; null where it can.
    static @Nullable String notRun(String type) {
        if (RUN.contains(type) || withoutEffect(type) != null) {
            return null;
        }
        String why = of(NOT_RUN, type);
        return "cannot run on this machine" + (why == null ? "" : ": " + why);
    }

    private static @Nullable String of(Map<String, String> reasons, String type) {
        String exact = reasons.get(type);
        return exact != null ? exact : reasons.get(type.substring(0, Math.max(0, type.lastIndexOf(':') + 1)));
    }
}
