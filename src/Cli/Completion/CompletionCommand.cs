using System.CommandLine;
using ZohoPlatform.Cli.Input;

namespace ZohoPlatform.Cli.Completion;

/// <summary><c>zoho completion bash|zsh|fish</c>: what a shell reads so that the tab key knows the command, its options and ids.</summary>
internal static class CompletionCommand
{
    private const string Bash = """
        # zoho completion bash: read it with  source <(zoho completion bash)  in ~/.bashrc
        _zoho() {
            local IFS=$'\n'
            COMPREPLY=($(compgen -W "$(zoho "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _zoho zoho
        """;

    private const string Zsh = """
        #compdef zoho
        # zoho completion zsh: read it with  source <(zoho completion zsh)  in ~/.zshrc, below compinit
        _zoho() {
            local line="${(j: :)words[1,CURRENT]}"
            local -a found
            found=(${(f)"$(zoho "[suggest:${#line}]" "$line" 2>/dev/null)"})
            if (( ${#found} )); then compadd -a found; else _files; fi
        }
        compdef _zoho zoho
        """;

    private const string Fish = """
        # zoho completion fish: write it to ~/.config/fish/completions/zoho.fish
        function __zoho_completions
            set --local line (commandline --current-process --cut-at-cursor)
            set --local found (zoho "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)
            if set --query found[1]
                printf '%s\n' $found
            else
                __fish_complete_path (commandline --current-token --cut-at-cursor)
            end
        end
        complete --command zoho --no-files --arguments '(__zoho_completions)'
        """;

    private static readonly Argument<string> Shell =
        new Argument<string>("shell") { HelpName = "SHELL", Description = "bash, zsh or fish." }.OneOf("bash", "zsh", "fish");

    public static Command Create()
    {
        var command = new DataCommand("completion", "A script for your shell, whose first lines say where it goes.") { Shell };
        command.Runs((parsed, _, _) =>
        {
            Console.Out.WriteLine(parsed.GetRequiredValue(Shell) switch { "bash" => Bash, "zsh" => Zsh, _ => Fish });
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }
}
