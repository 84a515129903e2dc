using System.CommandLine;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;

namespace ZohoPlatform.Cli.Messaging;

/// <summary>Shows messages as they come and change, and says where to go on when the person goes away.</summary>
internal sealed class MessageFollower(string? conversation, long? after, Terminal terminal)
{
    public async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        var last = after;
        try
        {
            terminal.Note("Waiting for messages; Ctrl-C ends it.");
            await foreach (var message in client.Messages.WatchAsync(conversation, after, cancellationToken))
            {
                last = message.Position;
                terminal.Document(message, CliJson.Default.ConversationMessage);
                terminal.Line(MessageSheet.LineOf(message));
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (last is not null)
            {
                terminal.Note($"Go on with: zoho messages tail --after {last}{(conversation is null ? "" : $" --conversation {conversation}")}");
            }
        }

        return ExitCode.Interrupted;
    }
}
