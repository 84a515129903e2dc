using System.ComponentModel;
using Microsoft.AspNetCore.Http.HttpResults;
using ZohoPlatform.Api.KeyRing;
using ZohoPlatform.Contracts.Sealing.V1;
using ZohoPlatform.Gateway.Access.ApiKeys;
using ZohoPlatform.Gateway.Rest;
using ZohoPlatform.Gateway.Rest.Docs;
using ZohoPlatform.Gateway.Rest.Problems;
using ZohoPlatform.ServiceDefaults.Failures;
using ZohoPlatform.ServiceDefaults.Identity;
using DataKey = ZohoPlatform.Api.KeyRing.DataKey;
using KeyRingStatus = ZohoPlatform.Api.KeyRing.KeyRingStatus;

namespace ZohoPlatform.Gateway.KeyRing;

internal static class KeyRingEndpoints
{
    private const string Path = "/api/v1/key-ring";

    private static readonly KeyRingFailure Away = new("service_unavailable", "A service of the platform does not answer; try again shortly.");

    private static readonly KeyRingList Rings = new(
        [
            new(
                "tokens",
                "5b1f0c52-7e0e-4d55-9a1c-0f6e2d3c4b5a",
                "9f2c41d8",
                2403,
                1187,
                [new("5b1f0c52-7e0e-4d55-9a1c-0f6e2d3c4b5a", 1216), new("0c9e7a34-1b2d-4c3e-8f70-a1b2c3d4e5f6", 1187)],
                Failure: null),
            new("webhooks", DataKeyId: null, MasterKeyId: null, SealedValues: null, OnOlderKeys: null, Keys: null, Away),
        ]);

    private static readonly KeyRingRotations Rotations = new(
        [
            new(
                "tokens",
                KeyRingRotationState.Started,
                "5b1f0c52-7e0e-4d55-9a1c-0f6e2d3c4b5a",
                "0c9e7a34-1b2d-4c3e-8f70-a1b2c3d4e5f6",
                2403,
                Failure: null),
            new("webhooks", KeyRingRotationState.Missing, DataKeyId: null, PreviousDataKeyId: null, OnOlderKeys: null, Away),
        ]);

    extension(IEndpointRouteBuilder routes)
    {
        public void MapKeyRing()
        {
            var group = routes.MapGroup(Path).WithTags("Admin").RequireAuthorization(Policies.Platform);

            group.MapGet("/", Get)
                .Describe(
                    "getKeyRing",
                    "The keys that secrets are sealed with",
                    "Each service that seals has a ring of its own: how many values each of its keys holds, of all tenants, counted now. A service that "
                        + "does not answer is named with its failure. Only the platform key (Bootstrap:AdminKey) may do this.",
                    response: Rings)
                .MayTake(Ring.Limit);
            group.MapPost("/rotations", Rotate)
                .Describe(
                    "rotateKeyRing",
                    "Rotate the data keys",
                    "Makes a new data key in each ring, or in that of service, which seals from now on; what older keys sealed is sealed anew in the "
                        + "background while everything runs, until on_older_keys of the ring is 0. 202 means that one ring at least has a new key; state "
                        + "says of each whether it has. Where none has one it is 409 if all are still at work with their last rotation, else 503. Only "
                        + "the platform key (Bootstrap:AdminKey) may do this.",
                    response: Rotations)
                .Fails(409, 422)
                .MayTake(Ring.Limit);
        }
    }

    private static async Task<Ok<KeyRingList>> Get(HttpContext http, KeyRings rings) =>
        TypedResults.Ok(new KeyRingList([.. (await rings.StatusAsync(http.RequestAborted)).Select(ToApi)]));

    private static async Task<Results<Accepted<KeyRingRotations>, ProblemResult>> Rotate(
        [Description("This service's ring alone: gateway, or another one by its name, such as tokens. Absent, all.")] string? service,
        HttpContext http,
        KeyRings rings)
    {
        if (!(await rings.RotateAsync(http.Caller, service, http.RequestAborted)).Succeeded(out var answers, out var failure))
        {
            return (ProblemResult)failure;
        }

        return answers.Exists(answer => answer.Answer is not null)
            ? TypedResults.Accepted(Path, new KeyRingRotations([.. answers.Select(ToApi)]))
            : (ProblemResult)NoneStarted(answers);
    }

    private static Failure NoneStarted(List<RingAnswer<StartRotationResponse>> answers) =>
        answers.TrueForAll(answer => answer.Failure is { Kind: FailureKind.Precondition })
            ? answers[0].Failure!
            : new Failure(
                FailureKind.Unavailable,
                "rotation_not_started",
                $"No ring is known to have a new key ({string.Join(", ", answers.Select(answer => $"{answer.Service}: {answer.Failure!.Code}"))}): "
                    + "look at them and ask again.");

    private static KeyRingStatus ToApi(RingAnswer<Contracts.Sealing.V1.KeyRingStatus> ring) => new(
        ring.Service,
        ring.Answer?.DataKeyId,
        ring.Answer?.MasterKeyId,
        ring.Answer?.SealedValues,
        ring.Answer?.OnOlderKeys,
        ring.Answer is null ? null : [.. ring.Answer.Keys.Select(key => new DataKey(key.Id, key.SealedValues))],
        ToApi(ring.Failure));

    private static KeyRingRotation ToApi(RingAnswer<StartRotationResponse> ring) => new(
        ring.Service,
        ring.Failure switch
        {
            null => KeyRingRotationState.Started,
            // it may have been done all the same
            { Kind: FailureKind.Unavailable } => KeyRingRotationState.Missing,
            _ => KeyRingRotationState.Refused,
        },
        ring.Answer?.Status.DataKeyId,
        ring.Answer?.PreviousDataKeyId,
        ring.Answer?.Status.OnOlderKeys,
        ToApi(ring.Failure));

    private static KeyRingFailure? ToApi(Failure? failure) => failure is null ? null : new KeyRingFailure(failure.Code, failure.Message);
}
