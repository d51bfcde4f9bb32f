package io.topicstream.cdk;

import software.amazon.awscdk.Stack;
import software.amazon.awscdk.StackProps;
import software.constructs.Construct;

/// What keeps something. Apart from the rest, so that the rest can be changed and removed without touching it.
final class DataStack extends Stack {
    private final Storage storage;

    DataStack(Construct scope, String id, StackProps props, Inputs inputs) {
        super(scope, id, props);
        storage = new Storage(this, inputs);
        new Outputs(this).storage(storage);
    }

    Storage storage() {
        return storage;
    }
}
