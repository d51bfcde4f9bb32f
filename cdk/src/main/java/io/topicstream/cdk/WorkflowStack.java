package io.topicstream.cdk;

import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.constructs.Construct;

/// What tells others, and the workflow.
final class WorkflowStack extends Stack {
    private final Events events;

    WorkflowStack(Construct scope, String id, StackProps props, Inputs inputs, Storage storage, Doors doors) {
        super(scope, id, props);
        events = Events.make(this, inputs, storage, doors);
    }

    Events events() {
        return events;
    }
}
