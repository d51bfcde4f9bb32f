package io.topicstream.cdk;

import java.util.List;
import java.util.Map;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.s3.CfnBucket;

/// What all buckets have in common: nothing in them is public, and nobody comes but by TLS.
final class PrivateBucket {
    private PrivateBucket() {}

    static CfnBucket.Builder builder(Stack stack, String id) {
        return CfnBucket.Builder.create(stack, id)
                .publicAccessBlockConfiguration(CfnBucket.PublicAccessBlockConfigurationProperty.builder()
                        .blockPublicAcls(true)
                        .blockPublicPolicy(true)
                        .ignorePublicAcls(true)
                        .restrictPublicBuckets(true)
                        .build())
                .ownershipControls(CfnBucket.OwnershipControlsProperty.builder()
                        .rules(List.of(CfnBucket.OwnershipControlsRuleProperty.builder()
                                .objectOwnership("BucketOwnerEnforced")
                                .build()))
                        .build());
    }

    /// What its policy says to all.
    static Map<String, Object> onlyByTls(CfnBucket bucket) {
        return Statements.onlyByTls("s3:*", List.of(bucket.getAttrArn(), bucket.getAttrArn() + "/*"));
    }
}
