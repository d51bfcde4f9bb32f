/// What an API says about an event in its own small languages: selection expressions, `$context` variables,
/// lines of the access log. Parsed when a definition is loaded, evaluated for each event.
@NullMarked
package io.topicstream.gateway.expression;

import org.jspecify.annotations.NullMarked;
