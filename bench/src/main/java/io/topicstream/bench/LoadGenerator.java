package io.topicstream.bench;

import java.util.List;
import picocli.CommandLine;

/// The command that puts one load on a server of this machine and prints what came of it.
public final class LoadGenerator {
    private LoadGenerator() {}

    /// Runs one load; exit status 1 if anything was lost, duplicated, out of order, misrouted or
    /// dropped, 2 if the command line or the run was wrong.
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String... arguments) {
        try {
            if (List.of(arguments).contains("--help")) {
                LoadOptions.command(new LoadOptions())
                        .setCommandName("bench/run load")
                        .usage(System.out);
                return 0;
            }
            LoadOptions options = LoadOptions.parse(List.of(arguments));
            System.out.println(Machine.describe());
            System.out.println(String.join(" ", arguments));
            WarmUp.run();
            LoadResult result = LoadRun.run(options);
            System.out.println(result.summary());
            System.out.println(result.json());
            return result.counts().areClean() && result.dropped() == 0 ? 0 : 1;
        } catch (CommandLine.ParameterException e) {
            System.err.println(e.getMessage());
            e.getCommandLine().usage(System.err);
            return 2;
        } catch (LoadFailure e) {
            System.err.println(e.getMessage());
            return 2;
        }
    }
}
