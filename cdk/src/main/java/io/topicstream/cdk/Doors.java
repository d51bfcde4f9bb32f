package io.topicstream.cdk;

import software.amazon.awscdk.Stack;

/// How clients come in, with what belongs to it.
///
/// @param failures where calls of functions go that failed for good
record Doors(Failures failures, WebSocketDoor sockets, HttpDoor http, SystemFunction archiver) {
    static Doors make(Stack stack, Inputs inputs, Storage storage) {
        Failures failures = new Failures(stack, "Failures");
        WebSocketDoor sockets = new WebSocketDoor(stack, inputs, storage, failures);
        HttpDoor http = new HttpDoor(stack, inputs, storage, sockets, failures);
        DomainNames.make(stack, inputs, sockets, http);
        SystemFunction archiver = new Readers(stack, inputs, storage, failures).archive();
        Outputs outputs = new Outputs(stack);
        outputs.doors(sockets, http);
        outputs.failures(failures);
        return new Doors(failures, sockets, http, archiver);
    }
}
