package io.topicstream.cdk;

import java.util.List;
import software.amazon.awscdk.Aws;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.sns.CfnSubscription;
import software.amazon.awscdk.services.sns.CfnTopic;
import software.amazon.awscdk.services.sns.CfnTopicPolicy;

/// Whom alarms tell. It is encrypted with the system's own key, where there is one: under the key that AWS keeps for
/// topics, alarms could not tell anybody.
final class AlarmTopic {
    private final CfnTopic topic;

    AlarmTopic(Stack stack, Inputs inputs, Storage storage) {
        Choice where = inputs.monitoring().isThere();
        topic = where.only(CfnTopic.Builder.create(stack, "AlarmTopic").build());
        if (!Values.NONE.equals(storage.keyArn())) {
            topic.addPropertyOverride("KmsMasterKeyId", storage.keyArn());
        }
        where.only(CfnTopicPolicy.Builder.create(stack, "AlarmTopicPolicy")
                .topics(List.of(topic.getRef()))
                .policyDocument(Statements.document(List.of(
                        Values.of(
                                "Sid",
                                "AlarmsOfThisAccount",
                                "Effect",
                                "Allow",
                                "Principal",
                                Values.of("Service", "cloudwatch.amazonaws.com"),
                                "Action",
                                "sns:Publish",
                                "Resource",
                                topic.getRef(),
                                "Condition",
                                Values.of("StringEquals", Values.of("aws:SourceAccount", Aws.ACCOUNT_ID))),
                        Values.of(
                                "Sid", "OnlyByTls",
                                "Effect", "Deny",
                                "Principal", "*",
                                "Action", "sns:Publish",
                                "Resource", topic.getRef(),
                                "Condition", Values.of("Bool", Values.of("aws:SecureTransport", "false"))))))
                .build());
        if (!inputs.monitoring().mails().isNever()) {
            inputs.monitoring()
                    .mails()
                    .only(CfnSubscription.Builder.create(stack, "AlarmMail")
                            .protocol("email")
                            .endpoint(inputs.alarms().email().value())
                            .topicArn(topic.getRef())
                            .build());
        }
    }

    String arn() {
        return topic.getRef();
    }
}
