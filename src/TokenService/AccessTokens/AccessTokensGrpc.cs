using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using ZohoPlatform.Contracts.Tokens.V1;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Grpc;
using ZohoPlatform.ServiceDefaults.Identity;
using ZohoPlatform.TokenService.Connections;
using ZohoPlatform.TokenService.Settings;

namespace ZohoPlatform.TokenService.AccessTokens;

/// <summary>Hands tokens to services of the platform, and to nobody else.</summary>
internal sealed class AccessTokensGrpc(AccessTokenProvider tokens, FeatureDirectory features, HandOutAudit audit, UsedTokens used)
    : Contracts.Tokens.V1.AccessTokens.AccessTokensBase
{
    private const int LongestPurpose = 100;
    private const int Sha256Digits = 64;

    private static readonly TimeSpan UsualValidity = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestValidity = TimeSpan.FromMinutes(30);

    public override async Task<GetAccessTokenResponse> GetAccessToken(GetAccessTokenRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Service);
        var minValidity = request.MinValidity?.ToTimeSpan() ?? UsualValidity;
        if (minValidity < TimeSpan.Zero || minValidity > LongestValidity)
        {
            throw Failure.InvalidField("min_validity", "min_validity must be between 0 and 30 minutes.").ToRpcException();
        }

        if (request.Purpose.Length > LongestPurpose)
        {
            throw Failure.InvalidField("purpose", $"purpose must have at most {LongestPurpose} characters.").ToRpcException();
        }

        var key = await FindAsync(caller.Tenant, request, context.CancellationToken);
        var answer = await tokens.GetAsync(key, minValidity, context.CancellationToken);
        if (!answer.Succeeded(out var token, out var failure))
        {
            throw failure.ToRpcException();
        }

        await audit.AddAsync(caller, key.Id, request.Purpose, token, context.CancellationToken);
        used.Note(key, token);
        return new GetAccessTokenResponse
        {
            AccessToken = token.AccessToken,
            ExpiresAt = token.ExpiresAt.ToTimestamp(),
            ApiDomain = token.ApiDomain,
            DataCentre = token.DataCentre,
            OrganizationIds = { token.OrganizationIds },
            ConnectionId = key.Id.ToString(),
            GrantedScopes = { token.GrantedScopes },
            Version = token.Version,
        };
    }

    public override async Task<ReportRejectedTokenResponse> ReportRejectedToken(
        ReportRejectedTokenRequest request, ServerCallContext context)
    {
        var caller = context.CallerWith(Role.Service);
        if (request.TokenSha256.Length != Sha256Digits || !request.TokenSha256.All(char.IsAsciiHexDigitLower))
        {
            throw Failure.InvalidField(
                "token_sha256",
                "token_sha256 must be the token's SHA-256 in 64 lower-case hex digits.").ToRpcException();
        }

        var key = new ConnectionKey(caller.Tenant, ConnectionIds.Parse(request.ConnectionId));
        var answer = await tokens.ReplaceAsync(key, request.TokenSha256, context.CancellationToken);
        return answer.Succeeded(out var replaced, out var failure)
            ? new ReportRejectedTokenResponse { Replaced = replaced }
            : throw failure.ToRpcException();
    }

    private async Task<ConnectionKey> FindAsync(TenantId tenant, GetAccessTokenRequest request, CancellationToken cancellationToken)
    {
        if (request.OfCase is not GetAccessTokenRequest.OfOneofCase.Feature)
        {
            return new ConnectionKey(tenant, ConnectionIds.Parse(request.ConnectionId));
        }

        return (await features.FindAsync(tenant, request.Feature, cancellationToken)).Succeeded(out var key, out var failure)
            ? key
            : throw failure.ToRpcException();
    }
}
