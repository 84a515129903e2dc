using System.CommandLine;
using System.CommandLine.Parsing;
using System.Net;
using System.Text;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Api.Keys;
using ZohoPlatform.Cli.Completion;
using ZohoPlatform.Cli.Input;
using ZohoPlatform.Cli.Login;
using ZohoPlatform.Cli.Output;
using ZohoPlatform.Client;
using ZohoPlatform.Client.Campaigns;

namespace ZohoPlatform.Cli.Campaigns.Syncs;

/// <summary><c>zoho campaigns sync</c>: brings users who existed before onto a mailing list, and shows how it goes.</summary>
internal static class SyncCommand
{
    // as Zoho names the field of the address
    private const string EmailField = "Contact Email";

    private const int Utf8 = 65001;

    // stands for the settings' list
    private const string DefaultList = "default";

    private const string ListUnknown = "--list KEY is no list of the account: zoho campaigns lists shows their keys.";
    private const string ListToName =
        "Set one for all: zoho settings set zoho --list KEY, or name one for this sync: --list KEY; zoho campaigns lists shows their keys.";

    private static readonly Option<FileInfo?> Csv = new("--csv")
    {
        HelpName = "FILE",
        Description = "A CSV file with a header line; comma, semicolon or tab. - is standard input.",
    };

    private static readonly Option<FileInfo?> Ndjson = new("--ndjson")
    {
        HelpName = "FILE",
        Description = "A file with one JSON object a line. - is standard input.",
    };

    private static readonly Option<Encoding?> Written = new("--encoding")
    {
        HelpName = "NAME",
        Description = "What the file is written in; utf-8 when absent. Excel's CSV is windows-1252 in Western Europe, its Unicode text utf-16.",
        CustomParser = ParseEncoding,
        CompletionSources = { "utf-8", "utf-16", "windows-1252", "windows-1250", "windows-1251", "shift_jis" },
    };

    private static readonly Option<string?> Table = new("--table")
    {
        HelpName = "TABLE",
        Description = "table or schema.table of a PostgreSQL database.",
    };

    private static readonly Option<string?> Query = new("--query")
    {
        HelpName = "SQL",
        Description = "One SELECT in a PostgreSQL database.",
    };

    private static readonly Option<FileInfo?> ConnectionString = new("--connection-string-file")
    {
        HelpName = "FILE",
        Description = "A file with the connection string for --table or --query. The platform itself must reach that server.",
    };

    private static readonly Option<string?> KeyColumn = new("--key-column")
    {
        HelpName = "COLUMN",
        Description = "Orders the rows of --table or --query: unique, not null; id when absent.",
    };

    private static readonly Option<string?> List = new("--list")
    {
        HelpName = "KEY",
        Description = "Key of the mailing list; the settings' list when absent.",
        CompletionSources = { IdSource.Lists.Stand },
    };

    private static readonly Option<FieldMapping[]> Map = new("--map")
    {
        HelpName = "COLUMN=FIELD",
        Description = "\"Column=Field\": which column goes to which of Zoho's fields. May be repeated; the usual column names when absent.",
        CustomParser = ParseMapping,
    };

    private static readonly Option<RowFilter[]> Filter = new("--filter")
    {
        HelpName = "COLUMN=VALUE",
        Description = "\"Column=Value\": only rows with this value in this column. May be repeated: another value of a column, or another column.",
        CustomParser = ParseFilters,
    };

    private static readonly Option<string[]> IgnoreColumn = new("--ignore-column")
    {
        HelpName = "COLUMN",
        Description = "A column that looks as if it said who may be written to, and does not matter. May be repeated.",
    };

    private static readonly Option<bool> DryRun = new("--dry-run")
    {
        Description = "Say for every contact what would happen; write nothing at Zoho.",
    };

    private static readonly Option<long?> Limit = new("--limit")
    {
        HelpName = "N",
        Description = "Only the first so many rows.",
        CustomParser = result => Values.WholeNumber(result, 1L),
    };

    private static readonly Option<int?> Rate = new("--rate")
    {
        HelpName = "N",
        Description = "Calls to Zoho a minute, 2,000 at most; 170 when absent.",
        CustomParser = result => Values.WholeNumber(result, 1, 2_000),
    };

    private static readonly Option<string?> Reason = new("--resubscribe-reason")
    {
        HelpName = "REASON",
        Description = "Also pushes who has unsubscribed, was forgotten or asked for no mail: how they agreed, without an address. It stays with "
            + "the sync; the role admin is needed.",
    };

    private static readonly Option<bool> Verbose = new("--verbose") { Description = "One line per contact." };

    private static readonly Option<bool> Detach = new("--detach") { Description = "Start it and leave it alone." };

    public static Command Create()
    {
        var command = new Command("sync", "Bring users who existed before onto a mailing list.")
        {
            Csv, Ndjson, Written, Table, Query, ConnectionString, KeyColumn,
            List, Map, Filter, IgnoreColumn, DryRun, Limit, Rate, Reason, Verbose, Detach,
        };
        command.Validators.Add(CheckSource);
        command.Runs(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        using var client = Credentials.Connect(parsed, terminal);
        NewSync sync;
        AcceptedSync started;
        try
        {
            sync = new NewSync(await SourceAsync(client, parsed, terminal, cancellationToken))
            {
                ListKey = parsed.GetValue(List),
                DryRun = parsed.GetValue(DryRun),
                Limit = parsed.GetValue(Limit),
                Rate = parsed.GetValue(Rate),
                Mapping = parsed.GetValue(Map) is { Length: > 0 } mapping ? mapping : null,
                Filters = parsed.GetValue(Filter) is { Length: > 0 } filters ? filters : null,
                IgnoredColumns = parsed.GetValue(IgnoreColumn) is { Length: > 0 } ignored ? ignored : null,
                Consent = parsed.GetValue(Reason) is { } reason ? new Consent(true, reason) : null,
            };
            started = await client.Campaigns.Syncs.StartAsync(sync, cancellationToken: cancellationToken);
        }
        catch (PlatformException e)
        {
            return Edge.Failed(parsed, terminal, e, sentence => InWords(e, sentence));
        }

        terminal.Document(new SyncLine("started") { Id = started.Id }, CliJson.Default.SyncLine);
        terminal.Line($"Started {(sync.DryRun is true ? "dry run" : "sync")} {started.Id}.");
        if (parsed.GetValue(Detach))
        {
            SyncFollower.Hint(started.Id, terminal);
            return ExitCode.Done;
        }

        return await new SyncFollower(client, terminal, parsed.GetValue(Verbose)).FollowAsync(started.Id, cancellationToken);
    }

    private static readonly FieldWords Fields = new(new Dictionary<string, Option>(StringComparer.Ordinal)
    {
        ["filters"] = Filter,
        ["ignored_columns"] = IgnoreColumn,
        ["mapping"] = Map,
        ["list_key"] = List,
        ["consent.reason"] = Reason,
        ["source.table.table"] = Table,
        ["source.table.query"] = Query,
        ["source.table.key_column"] = KeyColumn,
        ["connection_string"] = ConnectionString,
    }, new Dictionary<string, Option>(StringComparer.Ordinal) { ["limit"] = Limit, ["rate"] = Rate });

    // what the platform takes a file for, and the option with which it need not be converted first
    private static readonly (string LooksLike, string Option)[] Encodings =
    [
        ("UTF-16BE.", "Say so: --encoding utf-16be"),
        ("UTF-16LE.", "Say so: --encoding utf-16"),
        ("UTF-16.", "Say so: --encoding utf-16"),
        (
            "Shift_JIS.",
            "Say which its program wrote, such as --encoding windows-1252, and look at a name in what --dry-run --verbose shows."),
    ];

    private static string InWords(PlatformException failure, string sentence) => failure.Code switch
    {
        "source_not_utf8" => Fields.Said(WithEncoding(sentence)),
        // what the platform says of the settings' list
        "list_not_found" => failure.Errors.ContainsKey("list_key")
            ? ListUnknown
            : $"{Fields.Said(sentence)} Or name one for this sync: {List.Name} {List.HelpName}, as zoho campaigns lists shows it.",
        _ => Fields.Said(sentence.Replace(
            $"map the one that is to {EmailField}", $"say which is it with {Map.Name} \"COLUMN={EmailField}\"", StringComparison.Ordinal)),
    };

    private static string WithEncoding(string sentence)
    {
        foreach (var (looksLike, option) in Encodings)
        {
            if (sentence.IndexOf($" {looksLike}", StringComparison.Ordinal) is var at and > 0)
            {
                return $"{sentence[..(at + looksLike.Length + 1)]} {option}";
            }
        }

        return sentence;
    }

    private static async Task<SyncSource> SourceAsync(
        PlatformClient client, ParseResult parsed, Terminal terminal, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(ConnectionString) is { } connectionString)
        {
            return SyncSource.OfTable(new TableSource(await Secrets.ReadAsync(connectionString, cancellationToken))
            {
                Table = parsed.GetValue(Table),
                Query = parsed.GetValue(Query),
                KeyColumn = parsed.GetValue(KeyColumn),
            });
        }

        var (file, format) = parsed.GetValue(Csv) is { } csv ? (csv, SourceFormat.Csv) : (parsed.GetValue(Ndjson)!, SourceFormat.Ndjson);
        var encoding = parsed.GetValue(Written) is { CodePage: not Utf8 } other ? other : null;
        await using var content = await SourceFile.OpenAsync(file, format, encoding, ColumnsOf(parsed), cancellationToken);
        await CheckAsync(client, parsed, cancellationToken);
        var size = content.Size is { } bytes ? $" ({Words.Of((bytes + 1023) / 1024)} KiB)" : "";
        terminal.Line($"Uploading {content.Name}{size}.");
        UploadedSource source;
        try
        {
            source = await client.Campaigns.Sources.UploadAsync(content.Content, format, content.Name, cancellationToken);
        }
        catch (DecoderFallbackException)
        {
            throw SourceFile.NotIn(encoding!, content.Name);
        }

        terminal.Document(new SyncLine("uploaded") { Source = source }, CliJson.Default.SyncLine);
        terminal.Line($"{Words.Count(source.Rows, "row", "rows")} with {string.Join(", ", source.Columns)}.");
        return SyncSource.Upload(source.Id);
    }

    // what the platform refuses of a sync whose source it has: a person waits for no upload to learn it
    private static async Task CheckAsync(PlatformClient client, ParseResult parsed, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(Reason) is not null && (await client.WhoAmIAsync(cancellationToken)).Role is not KeyRole.Admin)
        {
            throw new CommandFailure("role_missing", $"{Reason.Name} needs the role admin: use a key that has it, or leave it out.");
        }

        MailingLists known;
        try
        {
            known = await client.Campaigns.Lists.ListAsync(cancellationToken: cancellationToken);
            if (!Has(known, parsed.GetValue(List)))
            {
                // it may have been made since Zoho was asked
                var before = known.ReadAt;
                known = await client.Campaigns.Lists.ListAsync(refresh: true, cancellationToken);
                var isNamed = known.DefaultListKey is not null || parsed.GetValue(List) is not (null or DefaultList);
                if (isNamed && known.ReadAt == before)
                {
                    // Zoho is not asked twice in a minute here; the platform looks itself
                    return;
                }
            }
        }
        catch (PlatformException e) when (e.Status is not HttpStatusCode.Unauthorized)
        {
            // without a connection, and while Zoho does not answer, a sync is taken and waits for that
            return;
        }

        if (Has(known, parsed.GetValue(List)))
        {
            return;
        }

        throw parsed.GetValue(List) is { } list and not DefaultList
            ? new CommandFailure("list_not_found", ListUnknown)
            : known.DefaultListKey is null
                ? new CommandFailure("list_key_missing", $"No mailing list is set. {ListToName}")
                : new CommandFailure("list_not_found", $"The mailing list of the settings is no list of the account. {ListToName}");
    }

    private static bool Has(MailingLists known, string? list) =>
        (list is null or DefaultList ? known.DefaultListKey : list) is { } key && known.Lists.Any(one => one.Key == key);

    private static List<(string Option, string Column)> ColumnsOf(ParseResult parsed) =>
    [
        .. (parsed.GetValue(Map) ?? []).Select(mapping => (Map.Name, mapping.Column)),
        .. (parsed.GetValue(Filter) ?? []).Select(filter => (Filter.Name, filter.Column)),
        .. (parsed.GetValue(IgnoreColumn) ?? []).Select(column => (IgnoreColumn.Name, column)),
    ];

    private static void CheckSource(CommandResult result)
    {
        var files = new Option[] { Csv, Ndjson }.Count(option => result.GetResult(option) is not null);
        var rows = new Option[] { Table, Query }.Count(option => result.GetResult(option) is not null);
        if (files + rows != 1)
        {
            result.AddError("Name one source: --csv, --ndjson, --table or --query.");
        }
        else if (rows == 1 && result.GetResult(ConnectionString) is null)
        {
            result.AddError("--table and --query need --connection-string-file.");
        }
        else if (files == 1 && (result.GetResult(ConnectionString) is not null || result.GetResult(KeyColumn) is not null))
        {
            result.AddError("--connection-string-file and --key-column go with --table or --query.");
        }
        else if (rows == 1 && result.GetResult(Written) is not null)
        {
            result.AddError("--encoding goes with --csv or --ndjson.");
        }
    }

    // the first = divides: what follows is a value, which may be none
    private static RowFilter[] ParseFilters(ArgumentResult result)
    {
        var wrong = result.Tokens.FirstOrDefault(token => token.Value.IndexOf('=', StringComparison.Ordinal) < 1);
        if (wrong is not null)
        {
            result.AddError($"--filter {wrong.Value}: it goes \"Column=Value\".");
            return [];
        }

        return
        [
            .. result.Tokens.Select(token => token.Value.Split('=', 2))
                .GroupBy(parts => parts[0].Trim(), parts => parts[1].Trim(), StringComparer.Ordinal)
                .Select(values => new RowFilter(values.Key, [.. values])),
        ];
    }

    // the last = divides: columns may have one in their name, Zoho's fields have none
    private static FieldMapping[] ParseMapping(ArgumentResult result)
    {
        var mapping = new List<FieldMapping>();
        foreach (var token in result.Tokens)
        {
            var at = token.Value.LastIndexOf('=');
            if (at < 1 || string.IsNullOrWhiteSpace(token.Value[..at]) || string.IsNullOrWhiteSpace(token.Value[(at + 1)..]))
            {
                result.AddError($"--map {token.Value}: it goes \"Column=Field\".");
                return [];
            }

            mapping.Add(new FieldMapping(token.Value[..at].Trim(), token.Value[(at + 1)..].Trim()));
        }

        Check(mapping, result);
        return [.. mapping];
    }

    private static void Check(List<FieldMapping> mapping, ArgumentResult result)
    {
        if (mapping.GroupBy(one => one.Field, StringComparer.Ordinal).FirstOrDefault(field => field.Count() > 1) is { } twice)
        {
            result.AddError($"--map gives the field {twice.Key} two columns: leave one of them out.");
        }
        else if (mapping.GroupBy(one => one.Column, StringComparer.Ordinal).FirstOrDefault(column => column.Count() > 1) is { } same)
        {
            result.AddError($"--map names the column {same.Key} twice: leave one of them out.");
        }
        else if (mapping.TrueForAll(one => one.Field != EmailField))
        {
            result.AddError($"--map names no column for {EmailField}: add --map \"COLUMN={EmailField}\".");
        }
    }

    private static Encoding? ParseEncoding(ArgumentResult result)
    {
        var name = result.Tokens[0].Value;
        var encoding = SourceFile.Strict(name);
        if (encoding is null)
        {
            result.AddError(
                $"--encoding {name} is not known: it takes utf-8, utf-16, windows-1252, windows-1250, windows-1251, shift_jis and others of IANA's.");
        }

        return encoding;
    }
}
