using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Settings;

namespace ZohoPlatform.TokenService.AccessTokens;

/// <summary>Hands tokens to services of the platform, and to API keys that were made for it.</summary>
internal sealed class AccessTokensGrpc(
    AccessTokenProvider tokens, FeatureDirectory features, KeyAccess keys, HandOutAudit audit, UsedTokens used)
    : Contracts.Tokens.V1.AccessTokens.AccessTokensBase
{
    private const int LongestPurpose = 100;
    private const int Sha256Digits = 64;

    private static readonly TimeSpan UsualValidity = TimeSpan.FromSeconds(60);
    private const long LongestValidity = 30 * 60;

    public override async Task<GetAccessTokenResponse> GetAccessToken(GetAccessTokenRequest request, ServerCallContext context)
    {
        var caller = context.Caller;
        // its parts first: one that is no duration cannot be converted
        if (request.MinValidity is { } wanted
            && (wanted.Seconds is < 0 or > LongestValidity || wanted.Nanos is < 0 or >= 1_000_000_000
                || (wanted.Seconds == LongestValidity && wanted.Nanos > 0)))
        {
            throw Failure.InvalidField("min_validity", "min_validity must be between 0 and 30 minutes.").ToRpcException();
        }

        var minValidity = request.MinValidity?.ToTimeSpan() ?? UsualValidity;
        if (request.Purpose.Length > LongestPurpose || HasControlCharacter(request.Purpose))
        {
            throw Failure.InvalidField("purpose", $"purpose must have at most {LongestPurpose} characters, none of them a control character.").ToRpcException();
        }

        var key = await FindAsync(caller, request, context.CancellationToken);
        if (await keys.RefusalAsync(caller, key.Id, context.CancellationToken) is { } refusal)
        {
            throw refusal.ToRpcException();
        }

        var answer = await tokens.GetAsync(key, minValidity, context.CancellationToken);
        if (!answer.Succeeded(out var token, out var failure))
        {
            throw failure.ToRpcException();
        }

        await audit.AddAsync(caller, key.Id, request.Purpose, token, context.CancellationToken);
        used.Note(key, token);
        return token.AnswerOf(key.Id);
    }

    public override async Task<ReportRejectedTokenResponse> ReportRejectedToken(
        ReportRejectedTokenRequest request, ServerCallContext context)
    {
        var caller = context.Caller;
        if (request.TokenSha256.Length != Sha256Digits || !request.TokenSha256.All(char.IsAsciiHexDigitLower))
        {
            throw Failure.InvalidField(
                "token_sha256",
                "token_sha256 must be the token's SHA-256 in 64 lower-case hex digits.").ToRpcException();
        }

        var key = new ConnectionKey(caller.Tenant, ConnectionIds.Parse(request.ConnectionId));
        if ((await keys.RefusalAsync(caller, key.Id, context.CancellationToken) ?? await keys.TooManyReplacedAsync(caller, key)) is { } refusal)
        {
            throw refusal.ToRpcException();
        }

        var answer = await tokens.ReportAsync(key, request.TokenSha256, context.CancellationToken);
        if (!answer.Succeeded(out var reported, out var failure))
        {
            throw failure.ToRpcException();
        }

        // a report of an older token costs no refresh: of many workers that were refused at once, one has it replaced
        if (reported is ReportedToken.Replaced)
        {
            await keys.NoteReplacedAsync(caller, key);
        }

        return new ReportRejectedTokenResponse
        {
            Replaced = reported is ReportedToken.Replaced,
            Accepted = reported is ReportedToken.Accepted,
        };
    }

    public override async Task<FeatureSwitch> GetFeatureSwitch(GetFeatureSwitchRequest request, ServerCallContext context) =>
        (await features.SwitchOfAsync(context.CallerWith(Role.Service).Tenant, request.Feature, context.CancellationToken)).OrThrow();

    // as char.IsControl has it, many characters at once
    private static bool HasControlCharacter(ReadOnlySpan<char> text) =>
        text.ContainsAnyInRange('\0', '\x1f') || text.ContainsAnyInRange('\x7f', '\x9f');

    private async ValueTask<ConnectionKey> FindAsync(Caller caller, GetAccessTokenRequest request, CancellationToken cancellationToken) =>
        request.OfCase is GetAccessTokenRequest.OfOneofCase.Feature
            ? (await features.FindAsync(caller, request.Feature, cancellationToken)).OrThrow()
            : new ConnectionKey(caller.Tenant, ConnectionIds.Parse(request.ConnectionId));
}
