package io.topicstream.cdk;

import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.constructs.Construct;

/// All stacks of a system in one, to be deployed without CDK.
final class WholeStack extends Stack {
    WholeStack(Construct scope, String id, StackProps props) {
        super(scope, id, props);
        Inputs inputs = Inputs.of(new Parameters(this), new BucketForm(this), true);
        Storage storage = new Storage(this, inputs);
        new Outputs(this).storage(storage);
        Doors doors = Doors.make(this, inputs, storage);
        Events events = Events.make(this, inputs, storage, doors);
        Page.make(this, inputs, doors);
        Monitoring.make(this, inputs, storage, doors, events);
    }
}
