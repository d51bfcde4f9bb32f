package io.topicstream.cdk;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.CfnResource;
import software.amazon.awscdk.Fn;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.dynamodb.CfnTable;
import software.amazon.awscdk.services.kms.CfnKey;
import software.amazon.awscdk.services.s3.CfnBucket;
import software.amazon.awscdk.services.s3.CfnBucketPolicy;

/// What keeps something: the table, the bucket, and the key of both where there is one.
final class Storage {
    /// What functions do with the table, as DynamoDB calls it.
    static final List<String> OPERATIONS = List.of("DeleteItem", "GetItem", "PutItem", "Query", "UpdateItem");

    private final Inputs inputs;
    private final Stack stack;
    private final @Nullable CfnKey key;
    private final CfnTable table;
    private final CfnBucket bucket;

    Storage(Stack stack, Inputs inputs) {
        this.stack = stack;
        this.inputs = inputs;
        key = inputs.encryption().isNever() ? null : key();
        table = table();
        bucket = bucket();
    }

    String tableName() {
        return table.getRef();
    }

    String tableArn() {
        return table.getAttrArn();
    }

    String streamArn() {
        return table.getAttrStreamArn();
    }

    String bucketName() {
        return bucket.getRef();
    }

    String bucketArn() {
        return bucket.getAttrArn();
    }

    /// The ARN of the system's own key where there is one, or else what stands for a property that is left out.
    Object keyArn() {
        return key == null ? Values.NONE : inputs.encryption().of(key.getAttrArn(), Values.NONE);
    }

    /// What all functions do with the table and the bucket. Without leave to list the bucket, an object that is not
    /// there
    /// would look like one that may not be read.
    List<Object> statements() {
        return List.of(
                Statements.allow(
                        OPERATIONS.stream()
                                .map(operation -> "dynamodb:" + operation)
                                .toList(),
                        List.of(table.getAttrArn())),
                Statements.allow(
                        "EachObjectOfTheBucket",
                        List.of("s3:DeleteObject", "s3:GetObject", "s3:PutObject"),
                        List.of(Fn.join("", List.of(bucket.getAttrArn(), "/*")))),
                Statements.allow(List.of("s3:ListBucket"), List.of(bucket.getAttrArn())),
                key == null
                        ? Values.NONE
                        : inputs.encryption()
                                .of(
                                        Statements.allow(
                                                // DynamoDB uses the key in the name of who asks.
                                                List.of(
                                                        "kms:Decrypt",
                                                        "kms:DescribeKey",
                                                        "kms:Encrypt",
                                                        "kms:GenerateDataKey",
                                                        "kms:GenerateDataKeyWithoutPlaintext",
                                                        "kms:ReEncryptFrom",
                                                        "kms:ReEncryptTo"),
                                                List.of(key.getAttrArn())),
                                        Values.NONE));
    }

    /// What all functions read from their environment.
    Map<String, Object> variables() {
        String keep = Fn.join("", List.of("{\"age\":\"", inputs.retentionHours(), "h\"}"));
        return Values.of(
                "TOPICSTREAM_TABLE", table.getRef(),
                "TOPICSTREAM_BUCKET", bucket.getRef(),
                // The star does not reach chats of two.
                "TOPICSTREAM_POLICIES",
                        Fn.join(
                                "",
                                List.of(
                                        "[{\"topics\":\"*\",\"keep\":",
                                        keep,
                                        "},{\"topics\":\"dm:*\",\"keep\":",
                                        keep,
                                        "}]")));
    }

    private CfnKey key() {
        String root = Fn.sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root");
        CfnKey made = CfnKey.Builder.create(stack, "Key")
                .description(Fn.join("", List.of("TopicStream ", inputs.project(), " ", inputs.environment())))
                .enableKeyRotation(true)
                .keyPolicy(Statements.document(List.of(
                        Values.of(
                                "Sid", "TheAccountDecides",
                                "Effect", "Allow",
                                "Principal", Values.of("AWS", root),
                                "Action", "kms:*",
                                "Resource", "*"),
                        Values.of(
                                "Sid",
                                "LogsOfThisAccount",
                                "Effect",
                                "Allow",
                                "Principal",
                                Values.of("Service", Fn.sub("logs.${AWS::Region}.amazonaws.com")),
                                "Action",
                                List.of(
                                        "kms:Encrypt",
                                        "kms:Decrypt",
                                        "kms:ReEncrypt*",
                                        "kms:GenerateDataKey*",
                                        "kms:DescribeKey"),
                                "Resource",
                                "*",
                                "Condition",
                                Values.of(
                                        "ArnLike",
                                        Values.of(
                                                "kms:EncryptionContext:aws:logs:arn",
                                                Fn.sub(
                                                        "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*")))),
                        Values.of(
                                "Sid",
                                "AlarmsOfThisAccount",
                                "Effect",
                                "Allow",
                                "Principal",
                                Values.of("Service", "cloudwatch.amazonaws.com"),
                                "Action",
                                List.of("kms:Decrypt", "kms:GenerateDataKey*"),
                                "Resource",
                                "*",
                                "Condition",
                                Values.of("StringEquals", Values.of("aws:SourceAccount", Aws.ACCOUNT_ID))))))
                .build();
        inputs.encryption().only(made);
        outlives(made);
        return made;
    }

    private CfnTable table() {
        CfnTable made = CfnTable.Builder.create(stack, "Table")
                .billingMode("PAY_PER_REQUEST")
                .attributeDefinitions(List.of(text("pk"), text("sk")))
                .keySchema(List.of(key("pk", "HASH"), key("sk", "RANGE")))
                .timeToLiveSpecification(CfnTable.TimeToLiveSpecificationProperty.builder()
                        .attributeName("x")
                        .enabled(true)
                        .build())
                .pointInTimeRecoverySpecification(CfnTable.PointInTimeRecoverySpecificationProperty.builder()
                        .pointInTimeRecoveryEnabled(true)
                        .build())
                .streamSpecification(CfnTable.StreamSpecificationProperty.builder()
                        .streamViewType("NEW_AND_OLD_IMAGES")
                        .build())
                .build();
        if (key != null) {
            made.addPropertyOverride(
                    "SSESpecification",
                    inputs.encryption()
                            .of(
                                    Values.of("SSEEnabled", true, "SSEType", "KMS", "KMSMasterKeyId", key.getAttrArn()),
                                    Values.NONE));
        }
        outlives(made);
        return made;
    }

    private static CfnTable.AttributeDefinitionProperty text(String name) {
        return CfnTable.AttributeDefinitionProperty.builder()
                .attributeName(name)
                .attributeType("S")
                .build();
    }

    private static CfnTable.KeySchemaProperty key(String name, String type) {
        return CfnTable.KeySchemaProperty.builder()
                .attributeName(name)
                .keyType(type)
                .build();
    }

    private CfnBucket bucket() {
        Object theirs = Values.of("ServerSideEncryptionByDefault", Values.of("SSEAlgorithm", "AES256"));
        Object ours = key == null
                ? theirs
                : Values.of(
                        "BucketKeyEnabled",
                        true,
                        "ServerSideEncryptionByDefault",
                        Values.of("SSEAlgorithm", "aws:kms", "KMSMasterKeyID", key.getAttrArn()));
        CfnBucket made = PrivateBucket.builder(stack, "Bucket")
                .lifecycleConfiguration(CfnBucket.LifecycleConfigurationProperty.builder()
                        .rules(List.of(
                                CfnBucket.RuleProperty.builder()
                                        .id("archive")
                                        .status("Enabled")
                                        .prefix("topics/")
                                        .expirationInDays(inputs.archiveDays())
                                        .build(),
                                CfnBucket.RuleProperty.builder()
                                        .id("uploads")
                                        .status("Enabled")
                                        .abortIncompleteMultipartUpload(
                                                CfnBucket.AbortIncompleteMultipartUploadProperty.builder()
                                                        .daysAfterInitiation(1)
                                                        .build())
                                        .build()))
                        .build())
                .build();
        made.addPropertyOverride(
                "BucketEncryption",
                Values.of(
                        "ServerSideEncryptionConfiguration",
                        List.of(inputs.encryption().of(ours, theirs))));
        outlives(made);

        CfnBucketPolicy.Builder.create(stack, "BucketPolicy")
                .bucket(made.getRef())
                .policyDocument(Statements.document(List.of(PrivateBucket.onlyByTls(made))))
                .build();
        return made;
    }

    private void outlives(CfnResource resource) {
        resource.applyRemovalPolicy(inputs.keepsData() ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY);
    }
}
