using System.CommandLine;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using ZohoPlatform.Api;
using ZohoPlatform.Api.Messaging;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client;

namespace ZohoPlatform.Cli.Messaging;

/// <summary>Messages of a file, a JSON object on each line, on their way to the gateway: as many by one request as it takes.</summary>
internal sealed class MessageFile(FileInfo file, Terminal terminal)
{
    private const int MostMessages = 500;

    // a request has 5 MB
    private const int MostCharacters = 1_000_000;
    private const int ShownRefusals = 20;

    // a misspelt field is no message's
    private static readonly JsonSerializerOptions Strict = new(CliJson.Default.Options) { UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow };

    // a character that cannot be read would be another one for ever: what is stored is not changed any more
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private int _stored;
    private int _known;
    private int _refused;

    public async Task<int> SendAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        using var reader = Open();
        var batch = new List<(int Line, NewMessage Message)>();
        var characters = 0;
        for (var line = 1; await NextAsync(reader, line, cancellationToken) is { } text; line++)
        {
            if (string.IsNullOrWhiteSpace(text))
            {
                continue;
            }

            if (batch.Count == MostMessages || (batch.Count > 0 && characters + text.Length > MostCharacters))
            {
                await SendAsync(client, batch, cancellationToken);
                characters = 0;
            }

            batch.Add((line, Read(text, line)));
            characters += text.Length;
        }

        await SendAsync(client, batch, cancellationToken);
        terminal.Document(new SentMessages(_stored, _known, _refused), CliJson.Default.SentMessages);
        terminal.Line($"{Words.Count(_stored, "message", "messages")} stored, {Words.Of((long)_known)} known before, {Words.Of((long)_refused)} refused.");
        return _refused == 0 ? ExitCode.Done : ExitCode.SomeFailed;
    }

    private StreamReader Open()
    {
        if (file.ToString() == "-")
        {
            return new StreamReader(Console.OpenStandardInput(), StrictUtf8);
        }

        try
        {
            return new StreamReader(file.FullName, StrictUtf8);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure("file_unreadable", $"{file} cannot be read: {FileTrouble.Of(e, file.FullName)}.");
        }
    }

    private async Task<string?> NextAsync(StreamReader reader, int line, CancellationToken cancellationToken)
    {
        try
        {
            return await reader.ReadLineAsync(cancellationToken);
        }
        catch (DecoderFallbackException)
        {
            // it reads ahead, so that the line is this one or one soon behind it
            throw new CommandFailure("line_unreadable", $"{file} is not UTF-8 in line {line} or soon behind it: save it as UTF-8. {SoFar()}");
        }
    }

    private NewMessage Read(string text, int line)
    {
        try
        {
            return JsonSerializer.Deserialize<NewMessage>(text, Strict) switch
            {
                null or { ExternalId: null } => throw Wrong("it has no external_id"),
                { Direction: MessageDirection.Unknown } => throw Wrong($"its direction is not one of {string.Join(", ", ApiName.All<MessageDirection>())}"),
                var message => message,
            };
        }
        catch (JsonException e)
        {
            // what the reader says itself may quote what people wrote
            throw Wrong(e.Path is { Length: > 2 } path ? $"{path[2..]} is no field of a message, or has the wrong type" : "it is no JSON object");
        }

        CommandFailure Wrong(string why) => new("line_unreadable", $"Line {line} of {file}: {why}. {SoFar()}");
    }

    private async Task SendAsync(PlatformClient client, List<(int Line, NewMessage Message)> batch, CancellationToken cancellationToken)
    {
        if (batch.Count == 0)
        {
            return;
        }

        var stored = await client.Messages.SendAllAsync([.. batch.Select(one => one.Message)], cancellationToken: cancellationToken);
        foreach (var ((line, _), outcome) in batch.Zip(stored))
        {
            switch (outcome.Outcome)
            {
                case MessageOutcome.Refused:
                    if (++_refused <= ShownRefusals)
                    {
                        terminal.Note($"Line {line}: {outcome.Field ?? "message"}{CommandWords.Because(outcome.Message)}");
                    }

                    break;
                case MessageOutcome.Duplicate:
                    _known++;
                    break;
                default:
                    _stored++;
                    break;
            }
        }

        batch.Clear();
        terminal.Note(SoFar());
    }

    private string SoFar() => $"{Words.Count(_stored + _known, "message is", "messages are")} stored so far; to send all of them again stores none twice.";
}

/// <summary>What <c>zoho messages send --file --json</c> answers.</summary>
/// <param name="Stored">New ones.</param>
/// <param name="Known">Whose external ids were known.</param>
/// <param name="Refused">Why stands on stderr.</param>
internal sealed record SentMessages(int Stored, int Known, int Refused);
