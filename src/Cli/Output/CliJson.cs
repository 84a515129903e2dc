using System.Text.Json.Serialization;
using ZohoPlatform.Api.Campaigns;
using ZohoPlatform.Api.Connections;
using ZohoPlatform.Cli.Campaigns.Syncs;
using ZohoPlatform.Cli.Connect;
using ZohoPlatform.Cli.Doctor;
using ZohoPlatform.Cli.Login;

namespace ZohoPlatform.Cli.Output;

/// <summary>What goes out with --json, spelled as the gateway spells it, and the file of credentials.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AcceptedContact))]
[JsonSerializable(typeof(CampaignReport))]
[JsonSerializable(typeof(ConnectEvent))]
[JsonSerializable(typeof(Connection))]
[JsonSerializable(typeof(ConnectionTest))]
[JsonSerializable(typeof(Contact))]
[JsonSerializable(typeof(Diagnosis))]
[JsonSerializable(typeof(ErrorDocument))]
[JsonSerializable(typeof(ForgottenContact))]
[JsonSerializable(typeof(LiftedOptOuts))]
[JsonSerializable(typeof(List<Campaign>))]
[JsonSerializable(typeof(List<Connection>))]
[JsonSerializable(typeof(List<Sync>))]
[JsonSerializable(typeof(MailingList))]
[JsonSerializable(typeof(MailingLists))]
[JsonSerializable(typeof(SignedIn))]
[JsonSerializable(typeof(StoredCredentials))]
[JsonSerializable(typeof(Sync))]
[JsonSerializable(typeof(SyncContact))]
[JsonSerializable(typeof(SyncLine))]
internal sealed partial class CliJson : JsonSerializerContext;

/// <summary>How a command that failed ends with --json.</summary>
internal sealed record ErrorDocument(FailureDocument Error);

internal sealed record FailureDocument(
    string Code, string Detail, string? Hint, IReadOnlyDictionary<string, string[]>? Errors, string? TraceId, int ExitCode);
