package io.topicstream.cdk;

import static io.topicstream.cdk.Deployed.map;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What is deployed has the properties that the documents promise, in the published template.
class TemplatePropertiesTest {
    private static final String FUNCTION = "AWS::Lambda::Function";
    private static final String STAGE = "AWS::ApiGatewayV2::Stage";

    private static final String GOES = "Delete";
    private static final String STAYS = "Retain";
    private static final String HAS_NOTHING = "has nothing that a person wrote";

    /// What becomes of a resource with its stack, and why. Each type of resource stands here, and each that is kept.
    private static final Map<String, String> KEPT = Map.of(
            "Table", "messages and rooms", "Bucket", "old messages", "Key", "without it table and bucket are lost");

    private static final Map<String, String> GOING = going();

    private static Map<String, String> going() {
        Map<String, String> types = new TreeMap<>();
        for (String type : List.of(
                "AWS::ApiGatewayV2::Api",
                "AWS::ApiGatewayV2::ApiMapping",
                "AWS::ApiGatewayV2::DomainName",
                "AWS::ApiGatewayV2::Integration",
                "AWS::ApiGatewayV2::Route",
                "AWS::ApiGatewayV2::Stage",
                "AWS::CloudFront::Distribution",
                "AWS::CloudFront::Function",
                "AWS::CloudFront::OriginAccessControl",
                "AWS::CloudFront::ResponseHeadersPolicy",
                "AWS::CloudWatch::Alarm",
                "AWS::CloudWatch::Dashboard",
                "AWS::Events::EventBus",
                "AWS::Events::Rule",
                "AWS::IAM::Policy",
                "AWS::IAM::Role",
                "AWS::Lambda::Alias",
                "AWS::Lambda::EventSourceMapping",
                "AWS::Lambda::Function",
                "AWS::Lambda::Permission",
                "AWS::Lambda::Version",
                "AWS::Logs::MetricFilter",
                "AWS::Logs::ResourcePolicy",
                "AWS::S3::BucketPolicy",
                "AWS::SNS::Subscription",
                "AWS::SNS::Topic",
                "AWS::SNS::TopicPolicy",
                "AWS::SQS::QueuePolicy",
                "AWS::StepFunctions::StateMachine")) {
            types.put(type, HAS_NOTHING);
        }
        types.put("AWS::Logs::LogGroup", "what happened to a system that is gone helps nobody; it would be paid for");
        types.put("AWS::S3::Bucket", "the files of the page, which the build makes again");
        types.put("AWS::SQS::Queue", "calls that failed for good, of functions that are gone");
        return types;
    }

    /// Those of which AWS would keep something if nobody said that they go.
    private static final Set<String> SAYS_THAT_IT_GOES =
            Set.of("AWS::Logs::LogGroup", "AWS::S3::Bucket", "AWS::SQS::Queue");

    static List<Map<String, String>> choices() {
        return Deployed.choices();
    }

    @ParameterizedTest
    @MethodSource("choices")
    void whatStaysAndWhatGoesIsMeant(Map<String, String> choice) {
        Deployed deployed = Deployed.with(choice);

        deployed.resources().forEach((id, resource) -> {
            String type = (String) resource.get("Type");
            if (KEPT.containsKey(id)) {
                assertThat(resource).as(id).containsEntry("DeletionPolicy", STAYS);
                assertThat(resource).as(id).containsEntry("UpdateReplacePolicy", STAYS);
            } else {
                assertThat(GOING).as(id).containsKey(type);
                if (SAYS_THAT_IT_GOES.contains(type)) {
                    assertThat(resource).as(id).containsEntry("DeletionPolicy", GOES);
                } else {
                    assertThat(resource.getOrDefault("DeletionPolicy", GOES))
                            .as(id)
                            .isEqualTo(GOES);
                }
            }
        });
    }

    @Test
    void everyTypeThatGoesIsThere() {
        Set<String> types = new TreeSet<>();
        Deployed.with(Deployed.everything()).resources().forEach((id, resource) -> {
            if (!KEPT.containsKey(id)) {
                types.add((String) resource.get("Type"));
            }
        });

        assertThat(types).isEqualTo(GOING.keySet());
    }

    @Test
    void theTableIsPaidByUseAndCanBeTakenBackInTime() {
        assertThat(map(Deployed.usual().property("Table")))
                .containsEntry("BillingMode", "PAY_PER_REQUEST")
                .containsEntry("TimeToLiveSpecification", Map.of("AttributeName", "x", "Enabled", true))
                .containsEntry("PointInTimeRecoverySpecification", Map.of("PointInTimeRecoveryEnabled", true))
                .containsEntry("StreamSpecification", Map.of("StreamViewType", "NEW_AND_OLD_IMAGES"))
                .doesNotContainKeys("TableName", "SSESpecification", "ProvisionedThroughput");
    }

    @Test
    void withAKeyAllThatIsKeptIsEncryptedByItAndItIsRenewed() {
        assertThat(Deployed.usual().ofType("AWS::KMS::Key")).isEmpty();

        Deployed deployed = Deployed.with(Map.of(
                "EnableEncryption", "true",
                "EnableEvents", "true",
                "EnableWorkflow", "true",
                "EnableDetailedMonitoring", "true"));

        assertThat(deployed.property("Key", "EnableKeyRotation")).isEqualTo(true);
        assertThat(deployed.property("Table", "SSESpecification"))
                .isEqualTo(Map.of("SSEEnabled", true, "SSEType", "KMS", "KMSMasterKeyId", "Key.Arn"));
        assertThat(deployed.property(
                        "Bucket",
                        "BucketEncryption",
                        "ServerSideEncryptionConfiguration",
                        "0",
                        "ServerSideEncryptionByDefault"))
                .isEqualTo(Map.of("SSEAlgorithm", "aws:kms", "KMSMasterKeyID", "Key.Arn"));
        assertThat(deployed.ofType("AWS::Logs::LogGroup"))
                .hasSize(8)
                .allSatisfy((id, log) -> assertThat(map(log.get("Properties"))).containsEntry("KmsKeyId", "Key.Arn"));
    }

    @Test
    void nothingOfTheBucketsIsPublic() {
        assertThat(Deployed.with(Deployed.everything()).ofType("AWS::S3::Bucket"))
                .isNotEmpty()
                .allSatisfy((id, bucket) -> assertThat(map(bucket.get("Properties")))
                        .containsKey("BucketEncryption")
                        .doesNotContainKey("BucketName")
                        .containsEntry(
                                "PublicAccessBlockConfiguration",
                                Map.of(
                                        "BlockPublicAcls", true,
                                        "BlockPublicPolicy", true,
                                        "IgnorePublicAcls", true,
                                        "RestrictPublicBuckets", true)));
    }

    @Test
    void functionsStartFromSnapshotsOnArm() {
        Map<String, Map<String, Object>> functions =
                Deployed.with(Map.of("EnableEvents", "true")).ofType(FUNCTION);

        assertThat(functions)
                .hasSize(FunctionKind.values().length)
                .allSatisfy((id, function) -> assertThat(map(function.get("Properties")))
                        .containsEntry("Runtime", "java25")
                        .containsEntry("Architectures", List.of("arm64"))
                        .containsEntry("SnapStart", Map.of("ApplyOn", "PublishedVersions"))
                        .containsEntry("DeadLetterConfig", Map.of("TargetArn", "Failures.Arn"))
                        .doesNotContainKey("FunctionName"));
    }

    @Test
    void functionsAreCalledByTheirAliasAndByNothingElse() {
        Deployed deployed = Deployed.with(Map.of("EnableEvents", "true", "EnableWorkflow", "true"));

        assertThat((String) deployed.property("WebSocketIntegration", "IntegrationUri"))
                .endsWith("/functions/WebSocketAlias/invocations");
        assertThat(deployed.property("HttpIntegration", "IntegrationUri")).isEqualTo("HttpAlias");
        for (String reader : List.of("Archive", "Events")) {
            assertThat(deployed.property(reader + "Stream", "FunctionName")).isEqualTo(reader + "Alias");
            assertThat(deployed.property(reader + "Clock", "Targets", "0", "Arn"))
                    .isEqualTo(reader + "Alias");
        }
        assertThat(deployed.property("Distribution", "DefinitionSubstitutions"))
                .isEqualTo(Map.of("WebSocketFunction", "WebSocketAlias"));
        assertThat(deployed.ofType("AWS::Lambda::Permission"))
                .isNotEmpty()
                .allSatisfy((id, permission) -> assertThat(
                                (String) map(permission.get("Properties")).get("FunctionName"))
                        .endsWith("Alias"));
    }

    @Test
    void everyStageIsThrottledAsIsSaid() {
        Deployed deployed = Deployed.with(Map.of("ThrottlingBurstLimit", "50", "ThrottlingRateLimit", "70"));

        assertThat(deployed.ofType(STAGE))
                .hasSize(5)
                .allSatisfy((id, stage) -> assertThat(
                                map(map(stage.get("Properties")).get("DefaultRouteSettings")))
                        .containsEntry("ThrottlingBurstLimit", "50")
                        .containsEntry("ThrottlingRateLimit", "70"));
    }

    @Test
    void logsEnd() {
        Deployed deployed = Deployed.with(Map.of(
                "LogRetentionDays", "7",
                "EnableEvents", "true",
                "EnableWorkflow", "true",
                "EnableDetailedMonitoring", "true"));

        Map<String, Object> days = new TreeMap<>();
        deployed.ofType("AWS::Logs::LogGroup")
                .forEach((id, log) -> days.put(id, map(log.get("Properties")).get("RetentionInDays")));

        assertThat(days)
                .isEqualTo(Map.of(
                        "ArchiveLog", "7",
                        "EventsLog", "7",
                        "HttpLog", "7",
                        "WebSocketLog", "7",
                        "HttpAccessLog", "7",
                        "WebSocketAccessLog", "7",
                        "EventLog", 30,
                        "DistributionLog", 30));
    }

    @Test
    void whatIsArchivedEndsAfterItsMessages() {
        Deployed deployed = Deployed.with(Map.of("MessageRetentionHours", "24"));

        assertThat(deployed.property("Bucket", "LifecycleConfiguration", "Rules", "0", "ExpirationInDays"))
                .isEqualTo(3);
    }

    /// Capabilities beyond `CAPABILITY_IAM` are asked for where roles have names.
    @Test
    void rolesHaveNoNames() {
        assertThat(Deployed.with(Deployed.everything()).ofType("AWS::IAM::Role"))
                .isNotEmpty()
                .allSatisfy(
                        (id, role) -> assertThat(map(role.get("Properties"))).doesNotContainKeys("RoleName", "Path"));
    }
}
