using ZohoPlatform.Bench.Campaigns;
using ZohoPlatform.Bench.Crm;
using ZohoPlatform.Bench.Grpc;
using ZohoPlatform.Bench.Launch;
using ZohoPlatform.Bench.Messaging;
using ZohoPlatform.Bench.Tokens;

namespace ZohoPlatform.Bench;

/// <summary>One question that this program answers with figures.</summary>
/// <param name="Name">Theme first: <c>token-hand-out</c>.</param>
/// <param name="Measures">One line for <c>--list</c>.</param>
/// <param name="Measure">Runs so many rounds.</param>
/// <param name="Rounds">How many where nobody says so.</param>
internal sealed record Scenario(string Name, string Measures, Func<int, Task<IReadOnlyList<Figure>>> Measure, int Rounds = 5)
{
    public static IReadOnlyList<Scenario> All { get; } =
    [
        new("grpc-echo", "the anchor: unary echo of 100 bytes on Grpc.AspNetCore beside bare Kestrel, load by h2load", GrpcEcho.MeasureAsync),
        new("token-hand-out", "warm hand-outs of the token service beside an echo as long", TokenHandOut.MeasureAsync),
        new("token-memory", "memory of a replica per connection whose token it has", TokenMemoryUse.MeasureAsync),
        new("token-cold-redis", "hand-outs of tokens that are in Redis only, beside a plain GET", TokenColdRedis.MeasureAsync),
        new(
            "key-rotation", "both keys replaced over 100,000 connections while 500 hand-outs a second go on", KeyRotation.MeasureAsync,
            Rounds: 1),
        new(
            "launch-idle", "how long a launch takes, and what the platform costs while nobody asks it for anything",
            LaunchIdle.MeasureAsync, Rounds: 1),
        new(
            "hostile-tenant", "a tenant's registrations, messages and syncs beside one that takes all it can get, and alone",
            BesideHostileTenant.MeasureAsync, Rounds: 3),
        new("sync-kills", "a sync of 5,000 contacts on two replicas, 20 times one of them is killed", SyncKills.MeasureAsync, Rounds: 1),
        new("sync-dry-run", "a dry run of 50,000 contacts against a list of 10,000", SyncDryRun.MeasureAsync, Rounds: 1),
        new("sync-rate", "ten addresses a call beside one contact a call, both 170 calls a minute", SyncRate.MeasureAsync, Rounds: 1),
        new("sync-100k", "a sync of 100,000 contacts from a table after one of 10,000: memory and calls", Sync100K.MeasureAsync, Rounds: 1),
        new(
            "feed-memory", "a feed of 100,000 contacts of Zoho CRM after one of 10,000 leads, read and told: memory and calls",
            FeedMemory.MeasureAsync, Rounds: 1),
        new(
            "contact-road", "statements and calls of a registration, from the gateway to the record of its outcome",
            ContactRoad.MeasureAsync, Rounds: 1),
        new("message-intake", "messages stored and acknowledged by gRPC and REST, beside committed INSERTs of single rows", IntakeRate.MeasureAsync),
        new(
            "webhook-crm-down", "the answer to WhatsApp's webhooks while Zoho CRM is away, beside while messages are delivered",
            WebhookCrmDown.MeasureAsync, Rounds: 3),
    ];

    public async Task<Outcome> RunAsync(int rounds)
    {
        try
        {
            return new Outcome(Name, Measures, rounds, await Measure(rounds), NotRun: null);
        }
        catch (MissingToolException e)
        {
            return new Outcome(Name, Measures, rounds, [], e.Message);
        }
        catch (Exception e)
        {
            // the other scenarios have something to say yet
            await Console.Error.WriteLineAsync(e.ToString());
            return new Outcome(Name, Measures, rounds, [], $"it broke: {e.Message}");
        }
    }
}

/// <summary>What a scenario found.</summary>
/// <param name="Scenario">Its name.</param>
/// <param name="Measures">Its line in <c>--list</c>.</param>
/// <param name="Rounds">How many were asked for.</param>
/// <param name="Figures">Empty where it could not run.</param>
/// <param name="NotRun">Why it could not run, and what to do; null where it ran.</param>
internal sealed record Outcome(string Scenario, string Measures, int Rounds, IReadOnlyList<Figure> Figures, string? NotRun);

/// <summary>A program that a scenario needs is not on this machine; the message says how to install it.</summary>
internal sealed class MissingToolException(string message) : Exception(message);
