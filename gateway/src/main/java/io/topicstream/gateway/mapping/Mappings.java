package io.topicstream.gateway.mapping;

import io.topicstream.gateway.model.Integration;

/// The mappings of both ways: of events to requests, and of what comes back to answers. Thread-safe, as both are.
///
/// @param requests what is sent
/// @param responses what becomes of the answer
public record Mappings(RequestMapping requests, ResponseMapping responses) {
    /// Those with the templates, which both have parsed once.
    public Mappings(Templates templates) {
        this(new RequestMapping(templates), new ResponseMapping(templates));
    }

    /// Reads what an integration says of both, before the first event comes to it.
    ///
    /// @throws MappingException if something in it is not as it must be
    public void prepare(Integration integration) {
        requests.prepare(integration);
        responses.prepare(integration);
    }
}
