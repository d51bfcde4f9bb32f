package io.topicstream.cdk;

import java.util.List;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.sqs.CfnQueue;
import software.amazon.awscdk.services.sqs.CfnQueuePolicy;

/// A queue with the calls of functions that failed for good, for who looks after the system.
final class Failures {
    private static final int FOURTEEN_DAYS_IN_SECONDS = 14 * 24 * 3600;

    private final CfnQueue queue;

    Failures(Stack stack, String id) {
        queue = CfnQueue.Builder.create(stack, id)
                .messageRetentionPeriod(FOURTEEN_DAYS_IN_SECONDS)
                .sqsManagedSseEnabled(true)
                .build();
        queue.applyRemovalPolicy(RemovalPolicy.DESTROY);
        CfnQueuePolicy.Builder.create(stack, id + "Policy")
                .queues(List.of(queue.getRef()))
                .policyDocument(Statements.document(List.of(Statements.onlyByTls("sqs:*", queue.getAttrArn()))))
                .build();
    }

    String arn() {
        return queue.getAttrArn();
    }

    String name() {
        return queue.getAttrQueueName();
    }
}
