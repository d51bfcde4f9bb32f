package io.topicstream.cdk;

import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.constructs.Construct;

/// The dashboard and alarms. Nothing depends on them.
final class MonitoringStack extends Stack {
    MonitoringStack(
            Construct scope, String id, StackProps props, Inputs inputs, Storage storage, Doors doors, Events events) {
        super(scope, id, props);
        Monitoring.make(this, inputs, storage, doors, events);
    }
}
