# The shop in a container: one static binary, nothing else in the image, not even a shell.
#
#   docker build --build-arg VERSION=1.2.3 -t hookandtag .
#
# The lab twin of the lessons is a separate image of the same source: docker build --target lab -t hookandtag-lab .

FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=development
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/shop ./cmd/shop

FROM build AS build-lab
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /out/lab ./cmd/lab

FROM scratch AS lab
LABEL org.opencontainers.image.title="Hook & Tag lab" \
      org.opencontainers.image.description="The deliberately weak shop of the lessons"
COPY --from=build-lab /out/lab /lab
USER 65532:65532
EXPOSE 8082
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s CMD ["/lab", "healthcheck"]
ENTRYPOINT ["/lab"]

FROM scratch
ARG VERSION=development
LABEL org.opencontainers.image.title="Hook & Tag" \
      org.opencontainers.image.description="A cloakroom shop with server-side sessions" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/shop /shop
USER 65532:65532
ENV ADDR=:8080
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["/shop", "healthcheck"]
ENTRYPOINT ["/shop"]
