/// What a gateway API is: routes, integrations, models, authorizers, stages. Records that say what a definition
/// said, with its defaults filled in. Stands on nothing.
@NullMarked
package io.topicstream.gateway.model;

import org.jspecify.annotations.NullMarked;
