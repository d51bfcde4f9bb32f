/// Reads the project's documents and holds them against the program: every example is run, every link followed, every
/// file that the map of the code names looked for. How examples are written stands in `CONTRIBUTING.md`.
@NullMarked
package io.topicstream.cli.documents;

import org.jspecify.annotations.NullMarked;
