package io.topicstream.gateway.definition;

import io.topicstream.gateway.model.Definition;
import io.topicstream.gateway.model.Definition.Finding;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Reads definitions: CloudFormation and SAM templates in YAML or JSON, and the short form.
///
/// A template goes through four steps. [Template] reads its sections; what SAM adds is expanded there
/// ([Serverless]). A [Stack] gives parameters their values and says what references mean, [Intrinsics] works
/// out the functions. [Assembly] sorts the resources of all stacks by the API that they name, and the readers
/// (`RouteReader`, `IntegrationReader` …) make the records of `io.topicstream.gateway.model` of them. The short
/// form ([ShortForm]) is made into resources too, and goes the same way from there. [Resources] shows all that a
/// template makes.
///
/// What AWS refuses is an error; so is what there is not here. All errors are gathered before the reading ends.
/// What works here but not on AWS, or works on AWS in a way that surprises, is a finding.
public final class Definitions {
    private Definitions() {}

    /// Reads a file and those that it names.
    ///
    /// Blocks while files are read; not for event loops. Takes a bounded time and amount of memory for any file
    /// ([Bounds]).
    ///
    /// @param parameters values of the template's parameters, and of pseudo-parameters such as `AWS::Region`
    /// @throws DefinitionException where AWS would refuse it too, or where it asks for what there is not here
    public static Definition read(Path file, Map<String, String> parameters) throws DefinitionException {
        Loading loading = new Loading();
        loading.addFile(file);
        try {
            Node root = Template.readFile(file);
            if (ShortForm.isShort(root)) {
                ShortForm form = new ShortForm(file, (Node.Members) root, parameters, loading.problems);
                Template template = form.template();
                loading.problems.requireNone();
                Stack.outermost(loading, template, form.pseudoParameters());
            } else {
                Template template = Template.of(file, root, loading.problems);
                Stack.outermost(loading, template, parameters).readNested();
            }
            return new Assembly(loading).definition();
        } catch (Wrong e) {
            loading.problems.requireNone();
            throw new DefinitionException(List.of(new Finding(file, e.line(), "", e.text())));
        }
    }
}
