package io.topicstream.cdk;

import org.jspecify.annotations.Nullable;
import software.amazon.awscdk.Stack;

/// What tells others: the bus, the function that reads what happens, and the workflow.
///
/// @param teller the function; null where nobody is told
/// @param workflow null without one
record Events(@Nullable SystemFunction teller, @Nullable Distribution workflow) {
    /// Nobody is told.
    static final Events NONE = new Events(null, null);

    static Events make(Stack stack, Inputs inputs, Storage storage, Doors doors) {
        Outputs outputs = new Outputs(stack);
        EventBus bus = inputs.events().isNever() ? null : new EventBus(stack, inputs, storage.keyArn());
        SystemFunction teller =
                inputs.tells().isNever() ? null : new Readers(stack, inputs, storage, doors.failures()).events(bus);
        Distribution workflow = null;
        if (bus != null) {
            outputs.events(inputs, bus);
            if (!inputs.workflow().isNever()) {
                workflow = new Distribution(stack, inputs, bus, doors.sockets().function(), storage.keyArn());
                outputs.workflow(inputs, workflow);
            }
        }
        return new Events(teller, workflow);
    }
}
